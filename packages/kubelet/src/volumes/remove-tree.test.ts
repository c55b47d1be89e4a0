import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { removeTree } from './remove-tree.ts';

describe('removeTree', () => {
  it('removes what is deeper than a path can say, and what is not there', async () => {
    const path = join(await tempDir(), 'volume');
    execFileSync('sh', ['-c', 'mkdir "$0"; cd "$0"; i=0; while [ $i -lt 200 ]; do mkdir aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; cd -P aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; i=$((i+1)); done', path]);
    await removeTree(path);
    expect(existsSync(path)).toBe(false);
    await removeTree(path);
  });
});
