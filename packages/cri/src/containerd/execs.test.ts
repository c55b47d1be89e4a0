import { closeSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, systemClock } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Execs } from './execs.ts';
import type { ExecsOptions } from './execs.ts';
import { Fifos } from './fifos.ts';
import type { Tasks } from './tasks.ts';

describe('Execs', () => {
  let folder: string;
  let asked: PromiseWithResolvers<unknown>[];
  let execs: Execs;

  beforeEach(() => {
    [folder, asked] = [mkdtempSync(join(tmpdir(), 'podling-execs-')), []];
    const call = (): Promise<unknown> => {
      const answer = Promise.withResolvers<unknown>();
      asked.push(answer);
      return answer.promise;
    };
    const fifos = { lend: () => Promise.reject(new Error('no FIFOs here')) };
    execs = new Execs({ client: { call }, fifos, tasks: {}, folder, clock: systemClock, logger: createLogger('test', 'silent') } as unknown as ExecsOptions);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (): Promise<string> => execs.run('web', ['true'], 0).then(() => '', (error: Error) => error.message);
  const answered = { container: { spec: { value: Buffer.from(JSON.stringify({ process: {} })) } } };
  const answer = (index: number): void => asked[index]?.resolve(answered);

  it('ask for a container once, however many commands run in it', async () => {
    const running = [run(), run()];
    answer(0);
    expect(await Promise.all([...running, run()])).toEqual(Array(3).fill('no FIFOs here'));
    expect(asked).toHaveLength(1);
  });

  it('keep nothing of a container that goes while it is asked for, or that could not be asked for', async () => {
    const first = run();
    execs.forget('web');
    answer(0);
    await first;
    const second = run();
    asked[1]?.reject(new Error('no answer'));
    expect(await second).toBe('no answer');
    const third = run();
    answer(2);
    expect([await third, asked.length]).toEqual(['no FIFOs here', 3]);
  });

  it('lend the FIFOs of one command to the next, but never a stdin that somebody may still read', async () => {
    const spares = join(folder, 'fifos');
    const fifos = new Fifos(spares, systemClock);
    const endAtOnce = async (...[, , , { stdout, stderr }]: Parameters<Tasks['exec']>): Promise<void> => [stdout, stderr].forEach((path) => closeSync(openSync(path, 'w')));
    const tasks = { exec: endAtOnce, waitForExec: async () => 0, deleteExec: async () => undefined };
    execs = new Execs({ client: { call: async () => answered }, fifos, tasks, folder: join(folder, 'execs'), clock: systemClock, logger: createLogger('test', 'silent') } as unknown as ExecsOptions);
    await execs.run('web', ['true'], 0);
    expect(readdirSync(spares)).toHaveLength(1);
    const session = await execs.open('web', { command: ['cat'], tty: false, stdin: true, stdout: true, stderr: true });
    for (const output of [session.stdout, session.stderr]) output?.resume();
    await expect.poll(() => readdirSync(join(folder, 'execs'))).toEqual([]);
    await fifos.close();
    expect(readdirSync(spares)).toEqual([]);
  });
});
