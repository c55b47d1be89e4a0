import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFolder, removePodLogs } from './log-folder.ts';

describe('LogFolder', () => {
  let folder: string;
  let logs: string;
  let outside: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'podling-logs-'));
    [logs, outside] = [join(folder, 'logs'), join(folder, 'outside')];
    mkdirSync(outside);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const logPath = (): string => join(logs, 'pod/web/0.log');

  it('is made when it is not there, and stays the same when its name leads elsewhere', () => {
    const made = LogFolder.of(logPath(), { make: true });
    renameSync(join(logs, 'pod/web'), join(logs, 'pod/moved'));
    symlinkSync(outside, join(logs, 'pod/web'));
    writeFileSync(join(made.path, '0.log'), 'line');
    made.close();
    expect(readFileSync(join(logs, 'pod/moved/0.log'), 'utf8')).toBe('line');
    expect(readdirSync(outside)).toEqual([]);
  });

  it.each(['pod', 'pod/web'])('is not one that a link leads to: %s', (name) => {
    mkdirSync(join(logs, name, '..'), { recursive: true });
    mkdirSync(join(outside, 'web'));
    symlinkSync(outside, join(logs, name));
    for (const make of [false, true]) expect(() => LogFolder.of(logPath(), { make })).toThrow(/ENOTDIR|ELOOP/);
    expect(readdirSync(join(outside, 'web'))).toEqual([]);
  });

  it('lies below a root that may be a link', () => {
    symlinkSync(outside, logs);
    LogFolder.of(logPath(), { make: true }).close();
    expect(existsSync(join(outside, 'pod/web'))).toBe(true);
  });

  it('of a pod is removed with all that is in it, and nothing outside', async () => {
    mkdirSync(join(logs, 'pod/web/deep/deeper'), { recursive: true });
    writeFileSync(Buffer.concat([Buffer.from(`${logs}/pod/web/`), Buffer.from([0xff, 0xfe])]), 'not UTF-8');
    writeFileSync(join(outside, 'kept'), '');
    symlinkSync(outside, join(logs, 'pod/link'));
    symlinkSync('/nowhere', join(logs, 'pod/web/dangling'));
    await removePodLogs(join(logs, 'pod'));
    expect(readdirSync(logs)).toEqual([]);
    symlinkSync(outside, join(logs, 'pod'));
    await removePodLogs(join(logs, 'pod'));
    await removePodLogs(join(logs, 'pod'));
    await removePodLogs(join(folder, 'none/pod'));
    expect(readdirSync(logs)).toEqual([]);
    expect(readdirSync(outside)).toEqual(['kept']);
    expect(() => readlinkSync(join(logs, 'pod'))).toThrow('ENOENT');
  });
});
