import { readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning, mustSucceed, pidOf, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld('static-pods');
const node = world.cluster.nodes[0] ?? expect.fail('no node');
const file = (name: string): string => join(node.paths.manifests, `static-pods-${name}`);
const mirror = `static-${node.name}`;
const pods = world.client.pods(world.namespace);

const manifest = (script: string): string => {
  const pod = toolboxPod('static', script);
  return JSON.stringify({ ...pod, metadata: { name: 'static', namespace: world.namespace } });
};

/** Whole at once: the kubelet may look at any moment, and would tell of half a file. */
async function writeManifest(script: string): Promise<void> {
  const unseen = join(node.paths.manifests, '.static-pods-web.json');
  await writeFile(unseen, manifest(script));
  await rename(unseen, file('web.json'));
}

const present = (): Promise<string | undefined> => pods.get(mirror).then(({ metadata }) => metadata.uid, () => undefined);

async function removeFiles(): Promise<void> {
  for (const name of await readdir(node.paths.manifests)) if (name.startsWith('static-pods-')) await rm(join(node.paths.manifests, name));
}

beforeAll(async () => {
  await openNamespace(world);
  await Promise.all([writeFile(file('broken.yaml'), 'kind: ['), symlink(file('loop'), file('loop')), writeManifest('echo first; exec sleep 1000')]);
});
afterAll(async () => {
  await removeFiles();
  await closeNamespace(world);
});

describe('a static pod', () => {
  it('runs beside files that are none, is shown with its status, and its logs come through its mirror', async () => {
    const pod = await podUntil(world, mirror, 'Running', isRunning, 60);
    expect(pod.metadata.ownerReferences).toMatchObject([{ kind: 'Node', name: node.name }]);
    expect(pod.status?.podIP).toMatch(/^10\./);
    expect(await mustSucceed(world.kubectl, ['logs', mirror])).toBe('first');
    const told = async (): Promise<boolean[]> => {
      const { items } = await world.client.events('default').list({ fieldSelector: 'reason=FailedValidation' });
      return ['broken.yaml', 'loop', 'web.json'].map((name) => items.some(({ message }) => message?.includes(file(name))));
    };
    await expect.poll(told, { timeout: 30_000 }).toEqual([true, true, false]);
  });

  it('goes on when its mirror is deleted, and is shown again', async () => {
    const before = await podUntil(world, mirror, 'Running', isRunning);
    const pid = await pidOf(world, before);
    await pods.delete(mirror);
    const after = await podUntil(world, mirror, 'Running under a new mirror', (pod) => isRunning(pod) && pod.metadata.uid !== before.metadata.uid);
    expect(await pidOf(world, after)).toBe(pid);
  });

  it('becomes another one when its file changes, and ends with its file', async () => {
    const before = await podUntil(world, mirror, 'Running', isRunning);
    const pid = await pidOf(world, before);
    await writeManifest('echo second; exec sleep 1000');
    await podUntil(world, mirror, 'Running from the new file', (pod) => isRunning(pod) && pod.metadata.uid !== before.metadata.uid);
    expect(await mustSucceed(world.kubectl, ['logs', mirror])).toBe('second');
    await expect(readFile(`/proc/${pid}/cmdline`)).rejects.toThrow('ENOENT');
    await removeFiles();
    await waitUntil('the mirror to be gone', async () => (await present()) === undefined, { timeoutMs: 30_000 });
    await waitUntil('the node to have nothing of it', async () => !(await readdir(node.paths.podLogs)).some((name) => name.startsWith(`${world.namespace}_`)), { timeoutMs: 30_000 });
  });
});
