import { isRunning, nodeOf, podUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';
import { Crictl } from '../harness/crictl.ts';

const world = e2eWorld('crictl');

beforeAll(() => openNamespace(world));
afterAll(() => closeNamespace(world));

describe('crictl with the file that a node has for it', () => {
  it('[B4] [C1] sees what the kubelet runs, and works in it', async () => {
    await applyPod(world, toolboxPod('seen', 'echo from inside; exec sleep 1000'));
    const pod = await podUntil(world, 'seen', 'Running', isRunning);
    const { paths, netns } = nodeOf(world, pod);
    const crictl = new Crictl(paths.crictlConfig, ['nsenter', `--net=/run/netns/${netns}`]);
    const [id, sandbox] = await Promise.all([crictl.run('ps', '-q', '--namespace', world.namespace), crictl.run('pods', '-q', '--namespace', world.namespace)]);
    expect(pod.status?.containerStatuses?.[0]?.containerID).toMatch(new RegExp(`://${id}$`));
    expect((JSON.parse(await crictl.run('inspectp', sandbox)) as { status: { network: { ip: string } } }).status.network.ip).toBe(pod.status?.podIP);
    expect(await crictl.run('logs', id)).toBe('from inside');
    expect(await crictl.program('exec', id, 'hostname')).toMatchObject({ exitCode: 0, stdout: 'seen' });
  });
});
