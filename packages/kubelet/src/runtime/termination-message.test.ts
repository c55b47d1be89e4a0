import { chmod, mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FakeClock } from '@podling/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { exitedOf, podOf, uid } from '../testing/runtime-objects.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { createPodPaths, type PodPaths } from './pod-paths.ts';
import { createTerminationLog, terminationLogMount, TerminationMessages } from './termination-message.ts';

let root: string;
let paths: PodPaths;
let path: string;

beforeEach(async () => {
  root = await tempDir();
  paths = createPodPaths(root, join(root, 'logs'));
  path = paths.terminationLog(uid, 'web', 0);
});

async function messageOf(policy: 'File' | 'FallbackToLogsOnError', exitCode = 1, reason = 'Error', log?: string): Promise<string> {
  const pod = podOf([{ name: 'web', terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: policy }]);
  const logPath = join(root, '0.log');
  if (log !== undefined) await writeFile(logPath, log);
  return new TerminationMessages({ paths, clock: new FakeClock() }).of(exitedOf(pod, 'web', exitCode, { reason, logPath }));
}

const logOf = (lines: string[]): string => lines.map((line) => `2026-01-01T00:00:00.000000000Z stderr F ${line}\n`).join('');

describe('TerminationMessages', () => {
  it('reads what the container has written, its last 4 KiB', async () => {
    createTerminationLog(path);
    await writeFile(path, `${'x'.repeat(5000)}the end`);
    const message = await messageOf('File', 0);
    expect(message).toHaveLength(4096);
    expect(message.endsWith('xthe end')).toBe(true);
  });

  it('finds nothing where nothing was written, or no file is', async () => {
    expect(await messageOf('File')).toBe('');
    createTerminationLog(path);
    expect(await messageOf('File')).toBe('');
  });

  it('does not follow a link out of the pod, and says that it cannot be read', async () => {
    await writeFile(join(root, 'secret'), 'secret');
    await mkdir(dirname(path), { recursive: true });
    await symlink(join(root, 'secret'), path);
    expect(await messageOf('File')).toMatch(/^Error on reading termination log: ELOOP/);
  });

  it('takes the last 80 lines and 2 KiB of the log of a failed container that wrote nothing', async () => {
    createTerminationLog(path);
    const short = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    expect(await messageOf('FallbackToLogsOnError', 1, 'Error', logOf(short))).toBe(`${short.slice(20).join('\n')}\n`);
    const long = await messageOf('FallbackToLogsOnError', 1, 'Error', logOf([...Array<string>(50).fill('y'.repeat(100)), 'the end']));
    expect(long).toHaveLength(2048);
    expect(long.endsWith('the end\n')).toBe(true);
  });

  it('leaves the log alone if the container succeeded, never started, or has written something', async () => {
    const log = logOf(['from the log']);
    expect(await messageOf('FallbackToLogsOnError', 0, 'Completed', log)).toBe('');
    expect(await messageOf('FallbackToLogsOnError', 128, 'StartError', log)).toBe('');
    expect(await messageOf('File', 1, 'Error', log)).toBe('');
    createTerminationLog(path);
    await writeFile(path, 'own words');
    expect(await messageOf('FallbackToLogsOnError', 1, 'Error', log)).toBe('own words');
  });
});

describe('createTerminationLog', () => {
  it('makes an empty file that anybody may write, in place of whatever was there', async () => {
    createTerminationLog(path);
    await writeFile(path, 'old');
    await chmod(path, 0o600);
    createTerminationLog(path);
    const { mode, size } = await stat(path);
    expect([mode & 0o777, size]).toEqual([0o666, 0]);
    await rm(path);
  });
});

describe('terminationLogMount', () => {
  it.each([
    ['mounts it where the container looks for it', { terminationMessagePath: '/tmp/last' }, ['/tmp/last']],
    ['takes a relative path from the root', { terminationMessagePath: 'tmp/last' }, ['/tmp/last']],
    ["lets a user's own mount win", { terminationMessagePath: '/data', volumeMounts: [{ name: 'd', mountPath: '/data' }] }, []],
    ['mounts nothing without a path', {}, []],
  ])('%s', (_, parts, expected) => {
    expect(terminationLogMount({ name: 'web', ...parts }, '/x').map(({ containerPath }) => containerPath)).toEqual(expected);
  });
});
