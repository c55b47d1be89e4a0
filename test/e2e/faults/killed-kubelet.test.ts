import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { containerOf, isRunning, mustSucceed, podUntil, waitUntil } from '@podling/deploy/observe';
import type { ClusterNode } from '@podling/deploy/local';
import type { Pod } from '@podling/shared/api';
import { mountPointsBelow } from '@podling/shared/process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../../harness/e2e-cluster.ts';
import { forwardPort } from '../../harness/forward-port.ts';
import { large, Resizes, small, smallFigures, watchCgroup } from '../../harness/resizes.ts';
import { KubectlUser, upstreamKubectls } from '../../harness/upstream-kubectl.ts';

const world = e2eWorld('killed-kubelet');
const [node] = world.cluster.nodes as [ClusterNode];
const resizes = new Resizes(world);
const onNode = { nodeName: node.name };
const readyOf = (pod: Pod) => pod.status?.conditions?.find(({ type }) => type === 'Ready');
const isReady = (pod: Pod): boolean => readyOf(pod)?.status === 'True';
const podFolder = ({ metadata }: Pod): string => `${node.paths.kubeletRoot}/pods/${metadata.uid ?? ''}`;
const user = new KubectlUser(upstreamKubectls.oldest, world.cluster.kubeconfigPath);
const execs = join(node.paths.runtimeState, 'execs');
let cut: Awaited<ReturnType<typeof startSessions>>;
let before: { reader: Pod; served: Pod; mounts: string[] };

/** One kill for all: two at once of the same process would each end what the other has just started. */
beforeAll(async () => {
  await openNamespace(world);
  await world.client.secrets(world.namespace).create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'app', namespace: world.namespace }, data: { password: Buffer.from('s3cret').toString('base64') } });
  await Promise.all([
    applyPod(world, toolboxPod('reader', 'while true; do cat /secret/password; echo; sleep 1; done', {
      spec: { ...onNode, volumes: [{ name: 'secret', secret: { secretName: 'app' } }] }, container: { volumeMounts: [{ name: 'secret', mountPath: '/secret' }] },
    })),
    applyPod(world, toolboxPod('served', 'nc -ll -p 9091 -e cat & exec nc -ll -p 9090 -e true', { spec: onNode, container: { readinessProbe: { tcpSocket: { port: 9090 }, periodSeconds: 60 } } })),
    applyPod(world, toolboxPod('resized', watchCgroup, { spec: onNode, container: { resources: large } })),
  ]);
  const reader = await podUntil(world, 'reader', 'Running', isRunning);
  before = { reader, served: await podUntil(world, 'served', 'Ready', isReady), mounts: mountPointsBelow(podFolder(reader)) };
  await resizes.inForce('resized', large);
  cut = await startSessions();
  await node.kubelet.kill('SIGKILL');
  await resizes.ask('resized', small);
  await node.kubelet.start();
  await applyPod(world, toolboxPod('later', 'sleep 1000', { spec: onNode }));
  await podUntil(world, 'later', 'Ready', isReady);
});
afterAll(async () => {
  user.leave();
  await closeNamespace(world);
});

/** Of the programs that hold connections into pods' ports open. */
const dials = (): string[] => readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLine(pid).endsWith('/bin/pod-dial 9091'));

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trimEnd();
  } catch {
    return '';
  }
}

/** A command and a forwarded port, both in use. */
async function startSessions() {
  user.inNamespace(world.namespace);
  const command = user.start(['exec', 'served', '--', 'sh', '-c', 'echo up; exec sleep 7777']);
  await once(command.stdout as NonNullable<typeof command.stdout>, 'data');
  const forward = await forwardPort(user, 'pod/served', 9091);
  const connection = connect(forward.port, '127.0.0.1').on('error', () => undefined);
  connection.write('heard');
  await once(connection, 'data');
  return { command, forward, closed: new Promise((resolve) => connection.resume().once('close', resolve)), folders: readdirSync(execs), dials: dials() };
}

describe('a kubelet that is killed and starts anew', () => {
  it('leaves what pods were given of other objects where it is', async () => {
    expect(mountPointsBelow(podFolder(before.reader))).toEqual(before.mounts);
    expect(before.mounts.some((path) => path.endsWith('kubernetes.io~secret/secret'))).toBe(true);
    expect(containerOf(await podUntil(world, 'reader', 'Running', isRunning)).restartCount).toBe(0);
    expect(new Set((await mustSucceed(world.kubectl, ['logs', 'reader'])).split('\n'))).toEqual(new Set(['s3cret']));
  });

  it('leaves a ready pod ready', async () => {
    expect(readyOf(await podUntil(world, 'served', 'Ready', isReady))?.lastTransitionTime).toBe(readyOf(before.served)?.lastTransitionTime);
  });

  it('has ended what was streamed, on both sides, and serves the next one', async () => {
    expect(cut.folders.length).toBeGreaterThan(0);
    expect(cut.dials.length).toBeGreaterThan(0);
    expect((await cut.command).exitCode).not.toBe(0);
    await cut.closed;
    await cut.forward.stop();
    await waitUntil('the command to be gone', async () => cut.folders.every((name) => !existsSync(join(execs, name))), { timeoutMs: 30_000 });
    expect(dials().filter((pid) => cut.dials.includes(pid))).toEqual([]);
    expect(await user.say('exec', 'served', '--', 'ps')).not.toContain('sleep 7777');
  });

  it('does the resize that was asked for meanwhile', async () => {
    expect(containerOf(await resizes.inForce('resized', small)).restartCount).toBe(0);
    await resizes.says('resized', smallFigures);
  });
});
