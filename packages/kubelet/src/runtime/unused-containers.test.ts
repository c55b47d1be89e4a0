import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { image, KubeletBench } from '../testing/kubelet-bench.ts';
import { podOf } from '../testing/runtime-objects.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { containerLabels, podLabels } from './labels.ts';
import { createPodPaths } from './pod-paths.ts';
import { StatusCache } from './status-cache.ts';
import { UnusedContainers } from './unused-containers.ts';

/** Two pods, each with a container that has run; the first has ended. */
async function scene() {
  const root = await tempDir();
  const { runtime } = new KubeletBench(root, { images: [image, 'podling.local/unused:1'] });
  for (const uid of ['ended', 'waiting']) {
    const pod = { ...podOf([{ name: 'web', image }]), metadata: { name: uid, namespace: 'default', uid } };
    const config = {
      metadata: { name: uid, namespace: 'default', uid, attempt: 0 }, hostname: uid, logDirectory: root, portMappings: [], labels: podLabels(pod), annotations: {}, cgroupParent: '/x',
    };
    const sandbox = await runtime.runPodSandbox(config);
    const container = await runtime.createContainer(sandbox, {
      metadata: { name: 'web', attempt: 0 }, image, command: [], args: [], workingDir: '', env: [], mounts: [], labels: containerLabels(pod, { name: 'web' }), annotations: {},
      logPath: 'web/0.log', stdin: false, tty: false, linux: {},
    }, config);
    await runtime.startContainer(container);
    await runtime.stopContainer(container, 0);
    await runtime.stopPodSandbox(sandbox);
  }
  const statuses = new StatusCache(runtime);
  const unused = new UnusedContainers({ runtime, statuses, paths: createPodPaths(root, root), hasEnded: (uid) => uid === 'ended', logger: pino({ level: 'silent' }) });
  return { runtime, unused };
}

describe('UnusedContainers', () => {
  it('are removed with their sandboxes, of pods that have ended alone', async () => {
    const { runtime, unused } = await scene();
    await unused.removeAll();
    expect((await runtime.listContainers()).map(({ labels }) => labels['io.kubernetes.pod.uid'])).toEqual(['waiting']);
    expect((await runtime.listPodSandboxes()).map(({ metadata }) => metadata.uid)).toEqual(['waiting']);
  });

  it('keep their images in use as long as they are there', async () => {
    const { runtime, unused } = await scene();
    const used = await runtime.imageStatus(image);
    expect([...(await unused.imagesInUse())]).toEqual([used?.id]);
  });
});
