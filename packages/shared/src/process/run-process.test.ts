import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../util/logger.ts';
import { settle } from '../testing/index.ts';
import { runProcess } from './run-process.ts';
import type { ProcessHandle } from './run-process.ts';

class FakeProcess extends EventEmitter implements ProcessHandle {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

const logger = createLogger('test', 'silent');

describe('runProcess', () => {
  it('stops in order and exits 0 on SIGTERM', async () => {
    const host = new FakeProcess();
    const steps: string[] = [];
    const done = runProcess('p', async () => ({ stop: async () => void steps.push('stopped') }), { host, logger });
    await settle();
    expect(host.exits).toEqual([]);
    host.emit('SIGTERM', 'SIGTERM');
    await done;
    expect(steps).toEqual(['stopped']);
    expect(host.exits).toEqual([0]);
  });

  it('exits 1 when it cannot start', async () => {
    const host = new FakeProcess();
    await runProcess('p', () => Promise.reject(new Error('port in use')), { host, logger });
    expect(host.exits).toEqual([1]);
  });

  it('aborts a start that is under way', async () => {
    const host = new FakeProcess();
    const done = runProcess(
      'p',
      ({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      { host, logger },
    );
    host.emit('SIGINT', 'SIGINT');
    await done;
    expect(host.exits).toEqual([0]);
  });

  it('exits at once on a second signal', async () => {
    const host = new FakeProcess();
    void runProcess('p', async () => ({ stop: () => new Promise<void>(() => undefined) }), { host, logger });
    await settle();
    host.emit('SIGTERM', 'SIGTERM');
    await settle();
    expect(host.exits).toEqual([]);
    host.emit('SIGTERM', 'SIGTERM');
    expect(host.exits).toEqual([1]);
  });

  it('goes on after an unhandled rejection, and ends after an uncaught exception', async () => {
    const host = new FakeProcess();
    void runProcess('p', async () => ({ stop: async () => undefined }), { host, logger });
    await settle();
    host.emit('unhandledRejection', new Error('forgotten'));
    expect(host.exits).toEqual([]);
    host.emit('uncaughtException', new Error('broken'));
    expect(host.exits).toEqual([1]);
  });
});
