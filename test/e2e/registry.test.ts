import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insideNode, nerdctlArgs } from '@podling/deploy/local';
import type { ClusterNode } from '@podling/deploy/local';
import { containerOf, isRunning, mustSucceed, podUntil, waitUntil } from '@podling/deploy/observe';
import { toolchainDir } from '@podling/shared/process';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld('registry');
const [node] = world.cluster.nodes as [ClusterNode];
const image = '127.0.0.1:5000/tools/toolbox:7';
const onNode = { nodeSelector: { 'kubernetes.io/hostname': node.name } };
let folder: string;
let registry: ReturnType<typeof startRegistry>;

const inNode = (...words: string[]): [string, string[]] => insideNode(node.netns, words);
const nerdctl = async (...args: string[]): Promise<void> => {
  const [command, words] = inNode(join(toolchainDir(), 'bin/nerdctl'), ...nerdctlArgs(node), ...args);
  await execa(command, words, { stdin: 'ignore' });
};

/** A registry of the distribution on the node's own loopback, where nerdctl speaks plain HTTP. */
function startRegistry() {
  const config = { version: '0.1', log: { level: 'warn' }, storage: { filesystem: { rootdirectory: join(folder, 'data') } }, http: { addr: '127.0.0.1:5000' } };
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(config));
  const [command, words] = inNode(join(toolchainDir(), 'pkg/usr/bin/docker-registry'), 'serve', join(folder, 'config.yml'));
  return execa(command, words, { stdin: 'ignore', reject: false, env: { OTEL_TRACES_EXPORTER: 'none' } });
}

beforeAll(async () => {
  await openNamespace(world);
  folder = mkdtempSync(join(tmpdir(), 'podling-registry-'));
  registry = startRegistry();
  await nerdctl('tag', 'podling.local/toolbox:1', image);
  await waitUntil('the registry to take the image', async () => nerdctl('push', image).then(() => true), { timeoutMs: 30_000 });
  await nerdctl('rmi', image);
});

afterAll(async () => {
  registry.kill('SIGTERM');
  await registry;
  rmSync(folder, { recursive: true });
  await closeNamespace(world);
});

describe('a registry', () => {
  it('[A5] over plain HTTP gives an image that is not on the node, once: afterwards it is there', async () => {
    await applyPod(world, toolboxPod('pulled', 'echo from the registry; sleep 1000', { spec: onNode, container: { image } }));
    const pod = await podUntil(world, 'pulled', 'Running', isRunning);
    expect(containerOf(pod).image).toContain('tools/toolbox:7');
    expect(await mustSucceed(world.kubectl, ['logs', 'pulled'])).toContain('from the registry');
    const events = await waitUntil(
      'the Pulled event',
      async () => {
        const { items } = await world.client.events(world.namespace).list({ fieldSelector: 'involvedObject.name=pulled,reason=Pulled' });
        return items.length > 0 && items.map(({ message }) => message ?? '');
      },
      { timeoutMs: 30_000 },
    );
    expect(events.join('\n')).toContain('Successfully pulled image');
    await applyPod(world, toolboxPod('again', 'sleep 1000', { spec: onNode, container: { image } }));
    await podUntil(world, 'again', 'Running without a pull', isRunning);
    const { items } = await world.client.events(world.namespace).list({ fieldSelector: 'involvedObject.name=again,reason=Pulling' });
    expect(items).toEqual([]);
  });

  it('[A5] that has no such image gives ErrImagePull with its answer', async () => {
    await applyPod(world, toolboxPod('absent', 'sleep 1', { spec: onNode, container: { image: '127.0.0.1:5000/tools/none:1' } }));
    const pod = await podUntil(world, 'absent', 'ErrImagePull', (p) => /^(ErrImagePull|ImagePullBackOff)$/.test(p.status?.containerStatuses?.[0]?.state?.waiting?.reason ?? ''));
    expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.message).toContain('tools/none:1');
  });
});
