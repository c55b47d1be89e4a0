import { describe, expect, it } from 'vitest';
import { shimContainer } from './shims.ts';

const id = 'a'.repeat(64);
const place = { address: '/run/one.sock', namespace: 'podling' };

describe('shimContainer', () => {
  it.each([
    ['a shim', `/usr/bin/containerd-shim-runc-v2 -namespace podling -id ${id} -address /run/one.sock`, id],
    ['another namespace', `containerd-shim-runc-v2 -namespace podling2 -id ${id} -address /run/one.sock`, undefined],
    ['another containerd', `containerd-shim-runc-v2 -namespace podling -id ${id} -address /run/one.sock.2`, undefined],
    ['one that is being started', `containerd-shim-runc-v2 -namespace podling -address /run/one.sock -id ${id} start`, undefined],
    ['a foreign id', 'containerd-shim-runc-v2 -namespace podling -id .. -address /run/one.sock', undefined],
    ['another program', `less containerd-shim-runc-v2 -namespace podling -id ${id} -address /run/one.sock`, undefined],
    ['nothing', '', undefined],
  ])('%s', (_, line, expected) => {
    expect(shimContainer(line.split(' '), place)).toBe(expected);
  });
});
