import { isRunning, mustSucceed, nodeOf, podUntil } from '@podling/deploy/observe';
import { mountPointsBelow } from '@podling/shared/process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, deletePods, e2eWorld, eventsOf, openNamespace, soon, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld('volumes');
const metadata = { name: 'app', namespace: world.namespace };
const logs = async (pod: string, ...flags: string[]): Promise<string[]> => (await mustSucceed(world.kubectl, ['logs', pod, ...flags])).trimEnd().split('\n');
const lastLine = async (pod: string, ...flags: string[]): Promise<string | undefined> => (await logs(pod, ...flags)).at(-1);

const putObjects = async (value: string): Promise<void> => {
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { key: value } };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { key: value } };
  for (const object of [configMap, secret]) await mustSucceed(world.kubectl, ['apply', '-f', '-'], JSON.stringify(object));
};

const labelsFile = { downwardAPI: { items: [{ path: 'label', fieldRef: { fieldPath: "metadata.labels['app']" } }] } };
const objectVolumes = [
  { name: 'config', configMap: { name: 'app' } },
  { name: 'secret', secret: { secretName: 'app' } },
  { name: 'labels', ...labelsFile },
  { name: 'all', projected: { sources: [{ configMap: { name: 'app' } }, labelsFile, { serviceAccountToken: { path: 'token', expirationSeconds: 600 } }] } },
];
const mount = (name: string, mountPath: string, rest: object = {}) => ({ name, mountPath, ...rest });

/** Says what its files say; the second container ends once the file changes, and runs again. */
function livePod(label: string): Record<string, unknown> {
  const show = 'while true; do echo $(cat /config/key /secret/key /labels/label /all/key /all/label /part); sleep 0.3; done';
  const restart = 'cat /part; echo; until [ "$(cat /config/key)" = new ]; do sleep 0.2; done; [ "$(cat /part)" = new ] && sleep 1000';
  const part = mount('config', '/part', { subPath: 'key' });
  const other = { name: 'again', image: 'podling.local/toolbox:1', command: ['sh', '-c', restart], volumeMounts: [mount('config', '/config'), part] };
  const pod = toolboxPod('live', show, { labels: { app: label } });
  const [main] = (pod['spec'] as { containers: object[] }).containers;
  const volumeMounts = [mount('config', '/config'), mount('secret', '/secret'), mount('labels', '/labels'), mount('all', '/all'), part];
  return { ...pod, spec: { ...(pod['spec'] as object), volumes: objectVolumes, containers: [{ ...main, volumeMounts }, other] } };
}

/** One container mounts, another sees it, and the first, which was there before, does not. */
const propagating = toolboxPod('propagates', '', {
  spec: {
    volumes: [{ name: 'shared', emptyDir: {} }],
    containers: [
      {
        name: 'alone', image: 'podling.local/toolbox:1',
        command: ['sh', '-c', 'until [ -e /shared/done ]; do sleep 0.2; done; ls /shared/inner; echo end; sleep 1000'],
        volumeMounts: [mount('shared', '/shared')],
      },
      {
        name: 'gives', image: 'podling.local/toolbox:1', securityContext: { privileged: true },
        command: ['sh', '-c', 'mkdir /shared/inner; mount -t tmpfs tmpfs /shared/inner; echo given > /shared/inner/file; touch /shared/done; sleep 1000'],
        volumeMounts: [mount('shared', '/shared', { mountPropagation: 'Bidirectional' })],
      },
      {
        name: 'takes', image: 'podling.local/toolbox:1',
        command: ['sh', '-c', 'until cat /shared/inner/file 2> /dev/null; do sleep 0.2; done; sleep 1000'],
        volumeMounts: [mount('shared', '/shared', { mountPropagation: 'HostToContainer' })],
      },
    ],
  },
});

const parts = toolboxPod('parts', 'echo here > /log/file; ls -d /data/logs/parts; cat /data/logs/parts/file; stat -c %a /data/logs/parts; touch /readonly/x 2> /dev/null || echo refused', {
  spec: { restartPolicy: 'Never', volumes: [{ name: 'data', emptyDir: {} }] },
  container: {
    env: [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    volumeMounts: [mount('data', '/data'), mount('data', '/log', { subPathExpr: 'logs/$(POD)' }), mount('data', '/readonly', { subPath: 'deep/er', readOnly: true })],
  },
});

/** Its first container puts a link to the node where the second wants a folder. */
const escaping = toolboxPod('escapes', 'ls /part', {
  spec: {
    restartPolicy: 'Never', volumes: [{ name: 'data', emptyDir: {} }],
    initContainers: [{ name: 'link', image: 'podling.local/toolbox:1', command: ['ln', '-s', '/etc', '/data/part'], volumeMounts: [mount('data', '/data')] }],
  },
  container: { volumeMounts: [mount('data', '/part', { subPath: 'part' })] },
});

const large = toolboxPod('large', 'dd if=/dev/zero of=/data/file bs=1024 count=2048 2> /dev/null; sleep 1000', {
  spec: { volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Mi' } }] }, container: { volumeMounts: [mount('data', '/data')] },
});

const limited = (limit: string) => ({ resources: { limits: { 'ephemeral-storage': limit } } });

/** Each takes more of the node's disk than it may: by a writable layer, by logs, and by a layer and a volume that are each within their limits. */
const overdrawn = {
  layer: toolboxPod('layer', '', { spec: { containers: [writer('big', 'dd if=/dev/zero of=/file bs=1024 count=3072 2> /dev/null', '1Mi'), writer('small', ':', '50Mi')] } }),
  logs: toolboxPod('logs', '', { spec: { containers: [writer('loud', "head -c 3000000 /dev/zero | tr '\\0' y", '1Mi'), writer('quiet', ':', '50Mi')] } }),
  together: toolboxPod('together', '', {
    spec: {
      volumes: [{ name: 'data', emptyDir: {} }],
      containers: [
        writer('one', 'dd if=/dev/zero of=/file bs=1024 count=900 2> /dev/null', '1Mi'),
        { ...writer('two', 'dd if=/dev/zero of=/data/file bs=1024 count=1500 2> /dev/null', '1Mi'), volumeMounts: [mount('data', '/data')] },
      ],
    },
  }),
};

function writer(name: string, script: string, limit: string): Record<string, unknown> {
  return { name, image: 'podling.local/toolbox:1', command: ['sh', '-c', `${script}; exec sleep 1000`], ...limited(limit) };
}

beforeAll(async () => {
  await openNamespace(world);
  await putObjects('old');
  for (const pod of [livePod('old'), propagating, parts, escaping, large, ...Object.values(overdrawn)]) await applyPod(world, pod);
});
afterAll(() => closeNamespace(world));

describe('the volumes of pods', () => {
  it('follow their objects and labels while the pod runs, but for single files, until their container runs anew', async () => {
    await podUntil(world, 'live', 'Running', isRunning);
    await expect.poll(() => lastLine('live', '-c', 'main'), soon).toBe('oldoldoldoldoldold');
    await putObjects('new');
    await applyPod(world, livePod('new'));
    await expect.poll(() => lastLine('live', '-c', 'main'), soon).toBe('newnewnewnewnewold');
    await expect.poll(() => logs('live', '-c', 'again'), soon).toEqual(['new']);
    expect(await logs('live', '-c', 'again', '--previous')).toEqual(['old']);
  });

  it('hand a mount of one container to another, if both want it', async () => {
    await expect.poll(() => lastLine('propagates', '-c', 'takes'), soon).toBe('given');
    await expect.poll(() => logs('propagates', '-c', 'alone'), soon).toEqual(['end']);
  });

  it('give a container a part of them, made if it is missing', async () => {
    await podUntil(world, 'parts', 'Succeeded', ({ status }) => status?.phase === 'Succeeded');
    expect(await logs('parts')).toEqual(['/data/logs/parts', 'here', '777', 'refused']);
  });

  it('give no container a part of the node', async () => {
    const pod = await podUntil(world, 'escapes', 'refused', ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError');
    expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe('failed to prepare subPath for volumeMount "data" of container "main"');
  });

  it('end a pod that puts more into one than its limit', async () => {
    const pod = await podUntil(world, 'large', 'Failed', ({ status }) => status?.phase === 'Failed');
    const message = 'Usage of EmptyDir volume "data" exceeds the limit "1Mi". ';
    expect(pod.status).toMatchObject({ reason: 'Evicted', message });
    await expect.poll(() => eventsOf(world, 'large', 'Evicted'), soon).toEqual([message]);
  });

  it.each([
    ['layer', 'Container big exceeded its local ephemeral storage limit "1Mi". '],
    ['logs', 'Container loud exceeded its local ephemeral storage limit "1Mi". '],
    ['together', 'Pod ephemeral local storage usage exceeds the total limit of containers 2Mi. '],
  ])('are not all that counts: a pod whose %s take more of the disk than it may is ended', async (name, message) => {
    const pod = await podUntil(world, name, 'Failed', ({ status }) => status?.phase === 'Failed');
    expect(pod.status).toMatchObject({ reason: 'Evicted', message });
  });

  it('are gone with their pods, whatever was mounted in them', async () => {
    const pods = await world.client.pods(world.namespace).list();
    const folders = pods.items.map((pod) => `${nodeOf(world, pod).paths.kubeletRoot}/pods/${pod.metadata.uid ?? ''}`);
    expect(folders.flatMap((folder) => mountPointsBelow(folder)).filter((point) => point.includes('volume-subpaths')).length).toBeGreaterThan(0);
    await deletePods(world);
    expect(folders.flatMap((folder) => mountPointsBelow(folder))).toEqual([]);
  });
});
