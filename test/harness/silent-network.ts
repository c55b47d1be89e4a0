import { insideNode } from '@podling/deploy/local';
import type { ClusterNode } from '@podling/deploy/local';
import { isRunning, nodeOf, pidOf, podUntil, waitUntil } from '@podling/deploy/observe';
import type { World } from '@podling/deploy/observe';
import { execa } from 'execa';
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { applyPod, toolboxPod } from './e2e-cluster.ts';

/** Drops packets between a node and the apiserver, in the node's namespace, without a reset; answers the cure. */
async function cut(node: ClusterNode, server: URL): Promise<() => Promise<void>> {
  const rule = (action: string, chain: string, side: string, port: string) => {
    const [command, args] = insideNode(node.netns, ['iptables', '-w', action, chain, '-p', 'tcp', side, server.hostname, port, server.port, '-j', 'DROP']);
    return execa(command, args);
  };
  await rule('-I', 'OUTPUT', '-d', '--dport');
  await rule('-I', 'INPUT', '-s', '--sport');
  return async () => {
    await rule('-D', 'OUTPUT', '-d', '--dport');
    await rule('-D', 'INPUT', '-s', '--sport');
  };
}

/** Packets between a kubelet and the apiserver vanish for so long. */
export function itHealsAfterSilence(world: World, seconds: number): void {
  it(`is noticed within ${seconds} s, healed soon after its return, and loses no event`, async () => {
    await applyPod(world, toolboxPod('kept', 'sleep 1000'));
    const kept = await podUntil(world, 'kept', 'Running', isRunning);
    const node = nodeOf(world, kept);
    const pid = await pidOf(world, kept);
    const placed = { spec: { nodeName: node.name, tolerations: [{ operator: 'Exists' }] } };
    await applyPod(world, toolboxPod('goes', 'sleep 1000', placed));
    await podUntil(world, 'goes', 'Running', isRunning);
    const logSize = statSync(node.kubelet.logPath).size;
    const heal = await cut(node, new URL(world.cluster.apiserverUrl));
    let healed = false;
    try {
      await applyPod(world, toolboxPod('comes', 'sleep 1000', placed));
      await world.client.pods('default').delete('goes');
      await delay(seconds * 1000);
      const log = readFileSync(node.kubelet.logPath).subarray(logSize).toString();
      expect(log).toMatch(/watch/);
      await heal();
      healed = true;
    } finally {
      if (!healed) await heal();
    }
    await waitUntil('both changes to arrive', async () => {
      const { items } = await world.client.pods('default').list();
      const comes = items.find(({ metadata }) => metadata.name === 'comes');
      return items.every(({ metadata }) => metadata.name !== 'goes') && comes !== undefined && isRunning(comes);
    }, { timeoutMs: 30_000 });
    expect(await pidOf(world, await podUntil(world, 'kept', 'Running', isRunning))).toBe(pid);
  });
}
