import { rm, writeFile } from 'node:fs/promises';
import { containerOf, isRunning, podUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, eventsOf, example, openNamespace, soon, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld('bad-input');

beforeAll(() => openNamespace(world));
afterAll(async () => {
  await closeNamespace(world);
});

describe('bad input', () => {
  it('[E8] an image that does not exist leaves its pod Pending with a reason and disturbs nobody', async () => {
    await applyPod(world, toolboxPod('good', 'sleep 1000'));
    await applyPod(world, toolboxPod('no-image', 'sleep 1', { container: { image: 'podling.local/none:1' } }));
    const pod = await podUntil(world, 'no-image', 'ImagePullBackOff', (p) => p.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ImagePullBackOff', 90);
    expect(pod.status?.phase).toBe('Pending');
    await expect.poll(() => eventsOf(world, 'no-image', 'Failed'), soon).toContainEqual(expect.stringContaining('podling.local/none:1'));
    await podUntil(world, 'good', 'Running', isRunning);
  });

  it('[A5] imagePullPolicy Never refuses an image that is not there', async () => {
    await applyPod(world, toolboxPod('never', 'sleep 1', { container: { image: 'podling.local/none:2', imagePullPolicy: 'Never' } }));
    await podUntil(world, 'never', 'ErrImageNeverPull', (p) => p.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImageNeverPull');
  });

  it('[E8] a hostPath of the wrong type waits with FailedMount, and starts once the cause is gone', async () => {
    const path = '/tmp/podling-e2e-host-path';
    await rm(path, { force: true, recursive: true });
    const volumes = [{ name: 'file', hostPath: { path, type: 'File' } }];
    await applyPod(world, toolboxPod('mount', 'cat /file; sleep 1000', { spec: { volumes }, container: { volumeMounts: [{ name: 'file', mountPath: '/file' }] } }));
    const waiting = await podUntil(world, 'mount', 'ContainerCreating', (p) => p.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ContainerCreating');
    expect(waiting.status?.phase).toBe('Pending');
    await podUntil(world, 'mount', 'FailedMount event', () => true);
    await expect.poll(() => eventsOf(world, 'mount', 'FailedMount'), soon).not.toEqual([]);
    await writeFile(path, 'there\n');
    await podUntil(world, 'mount', 'Running', isRunning, 120);
    await rm(path);
  });

  it('[E8] a command that does not exist gives StartError and a message, and leaves nothing half done', async () => {
    await applyPod(world, toolboxPod('no-command', '', { container: { command: ['/no/such/binary'] }, spec: { restartPolicy: 'Never' } }));
    const pod = await podUntil(world, 'no-command', 'Failed', (p) => p.status?.phase === 'Failed');
    expect(containerOf(pod).state?.terminated).toMatchObject({ exitCode: 128, reason: 'StartError' });
    expect(containerOf(pod).state?.terminated?.message).toContain('/no/such/binary');
  });

  it.each([
    ['syntax.yaml', /line \d+/],
    ['duplicate-names.yaml', /spec\.containers\[1\]\.name: Duplicate value/],
    ['quantity.yaml', /quantit/],
    ['unknown-volume.yaml', /volumeMounts\[0\]\.name: Not found/],
  ])('[E8] apply explains %s and exits with 1', async (file, said) => {
    const { exitCode, stderr } = await world.kubectl(['apply', '-f', example(`bad/${file}`)]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(said);
  });

  it('[E8] an object over the size limit is refused with 413, and the apiserver goes on', async () => {
    const huge = { ...toolboxPod('huge-object', 'sleep 1'), metadata: { name: 'huge-object', annotations: { a: 'x'.repeat(3 * 1024 * 1024 + 1) } } };
    await expect(world.client.rest.request({ method: 'POST', path: '/api/v1/namespaces/default/pods', body: huge })).rejects.toMatchObject({ code: 413 });
    await expect(world.client.pods(world.namespace).list()).resolves.toBeDefined();
  });
});
