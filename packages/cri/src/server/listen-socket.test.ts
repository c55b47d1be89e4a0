import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clearSocket } from './listen-socket.ts';

describe('clearSocket', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'podling-listen-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("makes the socket's folder", async () => {
    await clearSocket(join(folder, 'podling/cri.sock'));
    expect(existsSync(join(folder, 'podling'))).toBe(true);
  });

  it('makes no folder more than one', async () => {
    await expect(clearSocket(join(folder, 'nope/dir/x.sock'))).rejects.toThrow(`there is no folder ${join(folder, 'nope/dir')}: make it, or listen elsewhere`);
    expect(existsSync(join(folder, 'nope'))).toBe(false);
  });

  it('makes none in the root', async () => {
    await expect(clearSocket('/podling-nope/x.sock')).rejects.toMatchObject({ code: 'InvalidArgument' });
    expect(existsSync('/podling-nope')).toBe(false);
  });
});
