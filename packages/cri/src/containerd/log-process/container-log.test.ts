import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContainerLog } from './container-log.ts';

describe('ContainerLog', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'podling-fifo-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('writes what lies in the FIFOs before it closes', async () => {
    const [stdout, stderr, logPath] = ['stdout', 'stderr', '0.log'].map((name) => join(folder, name)) as [string, string, string];
    execFileSync('mkfifo', [stdout, stderr]);
    const writer = openSync(stdout, constants.O_RDWR | constants.O_NONBLOCK);
    writeSync(writer, `${'line\n'.repeat(8000)}rest`);
    const log = new ContainerLog({ stdout, stderr, logPath, limits: { maxBytes: 1_000_000, maxFiles: 5 }, now: () => 'T', onError: (error) => expect.unreachable(String(error)) });
    await log.close();
    closeSync(writer);
    expect(readFileSync(logPath, 'utf8')).toBe(`${'T stdout F line\n'.repeat(8000)}T stdout F rest\n`);
  });
});
