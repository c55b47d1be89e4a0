import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPodPaths } from '../runtime/pod-paths.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { AllocationStore, type Allocation } from './allocation-store.ts';

const allocation: Allocation = { containers: { web: { limits: { cpu: '1' } } }, restarts: [{ containerName: 'web', containerId: 'c1' }] };

describe('AllocationStore', () => {
  it('gives back what was saved last, until the pod is gone', async () => {
    const paths = createPodPaths(await tempDir(), '/none');
    const store = new AllocationStore(paths);
    expect(await store.load()).toEqual(new Map());
    await store.save('a', { containers: {}, restarts: [] });
    await store.save('a', allocation);
    await store.save('b', allocation);
    expect(await readdir(paths.podDir('a'))).toEqual(['allocation.json']);
    await rm(paths.podDir('b'), { recursive: true });
    expect(await new AllocationStore(paths).load()).toEqual(new Map([['a', allocation]]));
  });

  it('takes a file that is no allocation for none', async () => {
    const paths = createPodPaths(await tempDir(), '/none');
    for (const [index, text] of ['', '{', 'null', '[]', '{"containers":1}', '{"containers":{}}'].entries()) {
      await mkdir(paths.podDir(String(index)), { recursive: true });
      await writeFile(join(paths.podDir(String(index)), 'allocation.json'), text);
    }
    expect(await new AllocationStore(paths).load()).toEqual(new Map());
  });
});
