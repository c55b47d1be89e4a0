import { containerOf, isRunning, mustSucceed, nodeOf, podUntil } from '@podling/deploy/observe';
import { mountPointsBelow } from '@podling/shared/process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, deletePods, e2eWorld, eventsOf, openNamespace, soon, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld('pod-objects');
const configMaps = world.client.configMaps(world.namespace);
const secrets = world.client.secrets(world.namespace);
const metadata = { name: 'app', namespace: world.namespace };
const logs = (name: string): Promise<string> => mustSucceed(world.kubectl, ['logs', name]);
const done = (name: string) => podUntil(world, name, 'Succeeded', ({ status }) => status?.phase === 'Succeeded');
async function removeObjects(): Promise<void> {
  await deletePods(world);
  for (const client of [configMaps, secrets]) await client.delete('app').catch(() => undefined);
}

beforeAll(() => openNamespace(world));
afterEach(removeObjects);
afterAll(() => closeNamespace(world));

const createConfigMap = () => configMaps.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { greeting: 'hello', 'app.conf': 'a=1\n' } });
const createSecret = () => secrets.create({ apiVersion: 'v1', kind: 'Secret', metadata, data: { password: Buffer.from('s3cret').toString('base64') } });

describe('what a pod is given of other objects', () => {
  it('is in its files and its environment, and cannot be changed', async () => {
    await Promise.all([createConfigMap(), createSecret()]);
    const volumes = [
      { name: 'config', configMap: { name: 'app', items: [{ key: 'app.conf', path: 'conf.d/app.conf', mode: 0o400 }] } },
      { name: 'all', projected: { sources: [{ secret: { name: 'app' } }, { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } }] } },
    ];
    const container = {
      env: [{ name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'app', key: 'greeting' } } }],
      envFrom: [{ prefix: 'DB_', secretRef: { name: 'app' } }],
      volumeMounts: [{ name: 'config', mountPath: '/config' }, { name: 'all', mountPath: '/all' }],
    };
    const script = 'echo $GREETING $DB_password; cat /config/conf.d/app.conf; stat -L -c %a /config/conf.d/app.conf; cat /all/password; echo; cat /all/labels; echo; stat -f -c %T /all; touch /config/x 2> /dev/null || echo refused';
    await applyPod(world, toolboxPod('given', script, { spec: { volumes, restartPolicy: 'Never' }, container, labels: { app: 'given' } }));
    await done('given');
    const lines = (await logs('given')).split('\n');
    expect(lines).toEqual(['hello s3cret', 'a=1', '400', 's3cret', 'app="given"', 'tmpfs', 'refused']);
  });

  it('is waited for, with the reason told, and nothing is left of it afterwards', async () => {
    const volumes = [{ name: 'secret', secret: { secretName: 'app' } }];
    await applyPod(world, toolboxPod('files', 'sleep 1000', { spec: { volumes }, container: { volumeMounts: [{ name: 'secret', mountPath: '/secret' }] } }));
    await applyPod(world, toolboxPod('env', 'sleep 1000', { container: { envFrom: [{ configMapRef: { name: 'app' } }] } }));
    const waiting = (name: string, reason: string) => podUntil(world, name, reason, (pod) => containerOf(pod).state?.waiting?.reason === reason);
    await waiting('files', 'ContainerCreating');
    const env = await waiting('env', 'CreateContainerConfigError');
    expect(containerOf(env).state?.waiting?.message).toBe('configmap "app" not found');
    await expect.poll(() => eventsOf(world, 'files', 'FailedMount'), soon).toEqual(['MountVolume.SetUp failed for volume "secret" : secret "app" not found']);
    await Promise.all([createConfigMap(), createSecret()]);
    const running = await podUntil(world, 'files', 'Running', isRunning, 120);
    await podUntil(world, 'env', 'Running', isRunning, 120);
    const folder = `${nodeOf(world, running).paths.kubeletRoot}/pods/${running.metadata.uid ?? ''}`;
    expect(mountPointsBelow(folder).some((path) => path.endsWith('kubernetes.io~secret/secret'))).toBe(true);
    await deletePods(world);
    expect(mountPointsBelow(folder)).toEqual([]);
  });
});
