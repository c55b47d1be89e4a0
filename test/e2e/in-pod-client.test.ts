import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, mustSucceed, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';
import { buildNodeClientImage, nodeClientRef } from '../harness/node-client-image.ts';

const world = e2eWorld('in-pod-client');
const logs = (name: string): Promise<string> => mustSucceed(world.kubectl, ['logs', name]);
const program = readFileSync(join(import.meta.dirname, 'in-pod/list-pods.mjs'), 'utf8');
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'program', namespace: world.namespace }, data: { 'list-pods.mjs': program } };

beforeAll(async () => {
  await openNamespace(world);
  const image = await buildNodeClientImage();
  await world.cluster.load(image.tar).finally(image.remove);
  await world.client.configMaps(world.namespace).create(configMap);
});

afterAll(async () => {
  await closeNamespace(world);
});

function clientPod(name: string): Record<string, unknown> {
  const volumes = [{ name: 'program', configMap: { name: 'program' } }];
  const container = { image: nodeClientRef, command: undefined, args: ['/program/list-pods.mjs'], volumeMounts: [{ name: 'program', mountPath: '/program' }] };
  return toolboxPod(name, '', { spec: { volumes }, container });
}

describe('a program in a pod', () => {
  it('lists and watches the pods of its namespace with the token of its service account', async () => {
    await applyPod(world, clientPod('client'));
    await podUntil(world, 'client', 'Running', isRunning);
    await waitUntil('the program to watch', async () => (await logs('client')).includes('watching'), { timeoutMs: 60_000 });
    expect(await logs('client')).toContain(`server ${world.cluster.apiserverUrl}`);
    expect(await logs('client')).toMatch(/^listed .*\bclient\b/m);
    await applyPod(world, toolboxPod('other', 'sleep 1000'));
    await waitUntil('the watch to tell of the other pod', async () => (await logs('client')).includes('ADDED other'), { timeoutMs: 30_000 });
  });

  it('has token, authority and namespace where Kubernetes puts them, and nowhere to write', async () => {
    const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
    const script = `cd ${folder}; ls; cat namespace; echo; head -1 ca.crt; cut -d. -f2 token; touch x 2> /dev/null || echo refused; sleep 1000`;
    await applyPod(world, toolboxPod('look', script));
    await podUntil(world, 'look', 'Running', isRunning);
    const lines = await waitUntil('the script to end', async () => {
      const seen = (await logs('look')).split('\n');
      return seen.at(-1) === 'refused' && seen;
    }, { timeoutMs: 30_000 });
    expect(lines.slice(0, 5)).toEqual(['ca.crt', 'namespace', 'token', world.namespace, '-----BEGIN CERTIFICATE-----']);
    const claims = JSON.parse(Buffer.from(lines[5] ?? '', 'base64url').toString()) as Record<string, any>;
    expect(claims['sub']).toBe(`system:serviceaccount:${world.namespace}:default`);
    expect(claims['kubernetes.io'].pod.name).toBe('look');
  });
});
