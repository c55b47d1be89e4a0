import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lastError, logSize, logTail } from './process-log.ts';

const failure = (message: string): string => `${JSON.stringify({ level: 50, err: { message, stack: `Error: ${message}\n${'    at start\n'.repeat(200)}` }, msg: 'cannot start' })}\n`;
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'podling-log-'));
  path = join(folder, 'kubelet.log');
});
afterEach(() => rm(folder, { recursive: true }));

describe('the log of a process', () => {
  it('is told of from its last start on, without stacks', async () => {
    await appendFile(path, failure('the old reason'));
    const from = logSize(path);
    await appendFile(path, `${JSON.stringify({ level: 30, msg: 'starting' })}\n${failure('unknown field "maxPod"')}`);
    expect(logTail(path, { from }).split('\n')).toEqual([`--- end of ${path}`, '{"level":30,"msg":"starting"}', '{"level":50,"err":{"message":"unknown field \\"maxPod\\""},"msg":"cannot start"}']);
    expect(lastError(path, from)).toBe('unknown field "maxPod"');
  });

  it('has plain lines as they are, and no error of its own then', async () => {
    await appendFile(path, 'one\n[2]\nbind: address already in use\n');
    expect(logTail(path, { lines: 1 })).toBe(`--- end of ${path}\nbind: address already in use`);
    expect(lastError(path, 0)).toBeUndefined();
    expect(logTail(join(folder, 'none'))).toContain('is empty');
  });
});
