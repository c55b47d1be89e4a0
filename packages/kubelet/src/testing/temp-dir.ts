import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder of the test's own, removed after it and its hooks. */
export async function tempDir(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'podling-kubelet-'));
  // Not a hook of this module: files share it, and it would be a hook of the first of them alone.
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
