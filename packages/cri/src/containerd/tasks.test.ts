import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { systemClock } from '@podling/shared/util';
import { describe, expect, it } from 'vitest';
import type { ContainerdClient } from './containerd-client.ts';
import type { Task } from './containerd-types.ts';
import { Tasks } from './tasks.ts';

/** A containerd that tells of one task, and counts how often it is asked. */
function setUp(pid: number) {
  const task: Task = { id: 'a', pid, status: 'RUNNING', exitStatus: 0, exitedAt: null };
  const asked: string[] = [];
  const call = (_service: string, method: string): Promise<unknown> => {
    asked.push(method);
    return Promise.resolve({ process: { ...task }, tasks: [{ ...task }], pid });
  };
  return { task, asked, tasks: new Tasks({ call } as unknown as ContainerdClient, systemClock) };
}

describe('Tasks', () => {
  it('asks the kernel alone as long as a process lives that was seen to run, and containerd once it has ended', async () => {
    const child = spawn('sleep', ['100']);
    const { task, asked, tasks } = setUp(child.pid ?? 0);
    await tasks.start('a');
    expect(await tasks.get('a')).toMatchObject({ pid: child.pid, status: 'RUNNING' });
    expect((await tasks.of(['a'])).get('a')).toMatchObject({ status: 'RUNNING' });
    expect(asked).toEqual(['start']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    Object.assign(task, { status: 'STOPPED', exitStatus: 137 });
    expect(await tasks.get('a')).toMatchObject({ status: 'STOPPED', exitStatus: 137 });
    expect(asked).toEqual(['start', 'get']);
    expect(tasks.wasRunning('a', task.pid)).toBe(true);
    await tasks.delete('a');
    expect(tasks.wasRunning('a', task.pid)).toBe(false);
  });

  it('knows no more of a task that was not seen to run', async () => {
    const { task, asked, tasks } = setUp(process.pid);
    task.status = 'CREATED';
    await tasks.get('a');
    await tasks.get('a');
    expect(asked).toEqual(['get', 'get']);
    task.status = 'RUNNING';
    await tasks.list();
    await tasks.get('a');
    expect(asked).toEqual(['get', 'get', 'list']);
    expect(tasks.wasRunning('a', process.pid + 1)).toBe(false);
  });
});
