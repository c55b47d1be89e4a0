import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { allPids, commandLine, identify, isRunning, processStat, sendSignal } from './process-identity.ts';

describe('process identity', () => {
  it('tells a process from another with the same number', () => {
    const self = identify(process.pid) ?? expect.fail('this process is not there');
    expect(isRunning(self)).toBe(true);
    expect(isRunning({ ...self, startTime: '1' })).toBe(false);
    expect(processStat(process.pid)?.parentPid).toBe(process.ppid);
    expect(allPids()).toContain(process.pid);
    expect(commandLine(process.pid)[0]).toContain('node');
  });

  it('knows when one is gone, and takes a signal to it for done', async () => {
    const child = spawn('sleep', ['60']);
    const identity = identify(child.pid ?? 0) ?? expect.fail('the child is not there');
    sendSignal(identity.pid, 'SIGKILL');
    await once(child, 'exit');
    expect(isRunning(identity)).toBe(false);
    expect(identify(identity.pid)).toBeUndefined();
    sendSignal(identity.pid, 'SIGKILL');
    expect(commandLine(identity.pid)).toEqual([]);
  });
});
