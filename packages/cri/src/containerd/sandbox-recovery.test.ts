import { createLogger } from '@podling/shared/util';
import { describe, expect, it } from 'vitest';
import { CriError } from '../cri.ts';
import type { TaskStatus } from './containerd-types.ts';
import { SandboxRecovery } from './sandbox-recovery.ts';
import type { SandboxRecoveryOptions } from './sandbox-recovery.ts';

/** A task that is in this state, and in that one once it was started. */
function setUp(before: TaskStatus | undefined, startedTo: TaskStatus | CriError) {
  let status = before;
  const ended: string[] = [];
  const tasks = {
    get: (id: string) => Promise.resolve(status === undefined ? undefined : { id, pid: 1, status, exitStatus: 0, exitedAt: null }),
    start: () => (startedTo instanceof CriError ? Promise.reject(startedTo) : Promise.resolve(void (status = startedTo))),
  };
  const containers = { end: (id: string) => Promise.resolve(void ended.push(id)) };
  const options = { tasks, containers, logger: createLogger('test', 'silent') };
  return { ended, recovery: new SandboxRecovery(options as unknown as SandboxRecoveryOptions) };
}

const failure = new CriError('Unknown', 'no such process');

describe('SandboxRecovery after nerdctl failed late', () => {
  it.each([
    ['starts a pause process that was only created', 'CREATED', 'RUNNING', []],
    ['ends one that cannot be started', 'CREATED', failure, ['a']],
    ['ends one that is over', 'STOPPED', failure, ['a']],
    ['ends one that has no task any more', undefined, failure, ['a']],
    ['leaves one that runs', 'RUNNING', failure, []],
    ['leaves one whose shim is silent', 'UNKNOWN', failure, []],
    ['leaves one whose shim falls silent over the start', 'CREATED', 'UNKNOWN', []],
  ] as const)('%s', async (_, before, startedTo, ends) => {
    const { ended, recovery } = setUp(before, startedTo);
    await recovery.startFailedLate('a', new Error('nerdctl was killed'));
    expect(ended).toEqual(ends);
  });
});
