import { describe, expect, it } from 'vitest';
import { nodeDevices } from './devices.ts';

describe('devices of the node', () => {
  it('have type, numbers and mode, and none is of a folder that a container has of its own', () => {
    const devices = nodeDevices();
    expect(devices.find(({ path }) => path === '/dev/null')).toMatchObject({ type: 'c', major: 1, minor: 3, fileMode: 0o666 });
    expect(devices.filter(({ path }) => /^\/dev\/(pts|shm|mqueue|console)/.test(path))).toEqual([]);
  });
});
