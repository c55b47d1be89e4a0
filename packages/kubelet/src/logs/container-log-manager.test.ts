import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { logFilePaths, type Container, type ContainerStatus } from '@podling/cri';
import { FakeClock } from '@podling/shared/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { ContainerLogManager } from './container-log-manager.ts';

const clock = new FakeClock();
let folder: string;
let logPath: string;
let reopened: number;
let refused: number;
let refusal: Error | undefined;
/** What the runtime has made before it refuses. */
let begun: string | undefined;
let manager: ContainerLogManager;

beforeEach(async () => {
  folder = join(await tempDir(), 'pod/main');
  await mkdir(folder, { recursive: true });
  logPath = join(folder, '0.log');
  [reopened, refused, refusal, begun] = [0, 0, undefined, undefined];
  manager = new ContainerLogManager({
    runtime: {
      listContainers: async () => [{ id: 'c' } as Container],
      containerStatus: async () => ({ id: 'c', logPath }) as ContainerStatus,
      reopenContainerLog: async () => {
        if (begun !== undefined) await writeFile(logPath, begun);
        refused += Number(refusal !== undefined);
        if (refusal !== undefined) throw refusal;
        reopened += 1;
        await writeFile(logPath, '', { flag: 'a' });
      },
    },
    limits: { maxBytes: 10, maxFiles: 3 }, maxWorkers: 1, periodMs: 10_000, clock, logger: pino({ level: 'silent' }),
  });
});
afterEach(() => manager.stop());

/** The manager has looked and rests; then it looks again. */
const again = async (): Promise<void> => {
  await eventually(() => expect(clock.pendingTimers).toBe(1));
  await clock.advance(10_000);
};
const names = async (): Promise<string[]> => (await readdir(folder)).sort();

describe('ContainerLogManager', () => {
  it('keeps as many files as it may, older ones compressed, the newest as it was', async () => {
    await writeFile(logPath, 'content 0\n');
    manager.start();
    for (let round = 1; round < 5; round += 1) {
      await eventually(() => expect(reopened).toBe(round));
      await appendFile(logPath, `content ${round}\n`);
      await again();
    }
    await eventually(async () => expect([reopened, (await names()).length]).toEqual([5, 3]));
    const [current, compressed = '', newest = ''] = await names();
    expect([current, compressed.endsWith('.gz')]).toEqual(['0.log', true]);
    expect(gunzipSync(await readFile(join(folder, compressed))).toString()).toBe('content 3\n');
    expect(logFilePaths(logPath)).toEqual([join(folder, newest), logPath]);
    expect(await readFile(join(folder, newest), 'utf8')).toBe('content 4\n');
  });

  it('leaves a log below its limit alone', async () => {
    await writeFile(logPath, 'small\n');
    manager.start();
    await again();
    await manager.stop();
    expect([reopened, await names()]).toEqual([0, ['0.log']]);
  });

  it('has a log made that is not there', async () => {
    manager.start();
    await eventually(() => expect(reopened).toBe(1));
  });

  it('gives a log its name back when the runtime does not open another, and tries again', async () => {
    await writeFile(logPath, 'content 0\n');
    refusal = new Error('no');
    manager.start();
    await again();
    await eventually(() => expect([refused, clock.pendingTimers]).toEqual([2, 1]));
    expect(await names()).toEqual(['0.log']);
    refusal = undefined;
    await again();
    await eventually(() => expect(reopened).toBe(1));
  });

  it('leaves a log alone that the runtime has begun although it refused', async () => {
    await writeFile(logPath, 'content 0\n');
    [refusal, begun] = [new Error('no'), 'new\n'];
    manager.start();
    await eventually(async () => expect((await names()).length).toBe(2));
    await manager.stop();
    expect([(await names()).length, await readFile(logPath, 'utf8')]).toEqual([2, 'new\n']);
  });

  it('clears away what a rotation that was broken off has left', async () => {
    await writeFile(logPath, 'content 0\n');
    for (const name of ['0.log.20250101-000000', '0.log.20250101-000000.gz', '0.log.20250102-000000.tmp']) await writeFile(join(folder, name), name);
    manager.start();
    await eventually(async () => expect([reopened, await names()]).toEqual([1, ['0.log', '0.log.20250101-000000.gz', expect.stringMatching(/^0\.log\.\d{8}-\d{6}$/)]]));
  });
});
