import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { image, KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

const hourMs = 3_600_000;

describe('a kubelet whose apiserver is away for hours', () => {
  let bench: KubeletBench;
  let isReady: boolean;

  beforeEach(async () => {
    const folder = await tempDir();
    await mkdir(join(folder, 'manifests'));
    const fixed = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'fixed' }, spec: { containers: [{ name: 'web', image }] } };
    await writeFile(join(folder, 'manifests/fixed.json'), JSON.stringify(fixed));
    isReady = true;
    bench = new KubeletBench(join(folder, 'kubelet'), {
      behaviour: ({ metadata: { name } }) => ({
        ...(name === 'crash' ? { exitAfterMs: 1_000, exitCode: 1 } : {}), ...(name === 'done' ? { exitAfterMs: 2 * hourMs } : {}), exec: () => ({ exitCode: isReady ? 0 : 1 }),
      }),
    });
    await bench.start([`--pod-manifest-path=${join(folder, 'manifests')}`]);
    bench.put({ containers: [{ name: 'crash', image }] }, 'crash');
    bench.put({ containers: [{ name: 'done', image }], restartPolicy: 'Never' }, 'done');
    bench.put({ containers: [{ name: 'web', image, readinessProbe: { exec: { command: ['ready'] }, periodSeconds: 60, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 1 } }] }, 'probed');
    for (const name of ['done', 'probed', 'fixed-n1']) await bench.within(500, () => expect(bench.pod(name).status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True'));
  });
  afterEach(() => bench.stop());

  const resources = () => [bench.server.pods, bench.server.nodes, bench.server.events, bench.server.leases, bench.server.services, bench.server.endpointSlices, bench.server.serviceAccounts];
  const pass = async (): Promise<void> => {
    for (let minute = 0; minute < 60; minute += 1) await bench.clock.advance(60_000);
  };
  const containers = async () => (await bench.runtime.listContainers()).filter(({ metadata: { name } }) => name !== 'crash').map(({ id }) => id).sort();

  it('goes on with its pods, keeps no more than the latest of each, and tells that when it is back', async () => {
    const before = await containers();
    for (const resource of resources()) resource.goAway(new Error('no route to host'));
    await pass();
    const timers = bench.clock.pendingTimers;
    isReady = false;
    for (let hour = 1; hour < 6; hour += 1) await pass();
    expect(bench.clock.pendingTimers).toBeLessThanOrEqual(timers + 3);
    expect(await containers()).toEqual(before);
    const [last] = (await bench.runtime.listContainers()).filter(({ metadata: { name } }) => name === 'crash').sort((a, b) => b.metadata.attempt - a.metadata.attempt);
    expect(last?.metadata.attempt).toBeGreaterThan(30);
    for (const resource of resources()) resource.comeBack();
    await bench.within(1_000, () => {
      expect(bench.pod('crash').status?.containerStatuses?.[0]?.restartCount).toBeGreaterThanOrEqual(last?.metadata.attempt ?? 0);
      expect(bench.pod('done').status).toMatchObject({ phase: 'Succeeded', containerStatuses: [{ state: { terminated: { exitCode: 0, reason: 'Completed' } } }] });
      expect(bench.pod('probed').status).toMatchObject({ phase: 'Running', containerStatuses: [{ ready: false, restartCount: 0 }] });
      expect(bench.pod('fixed-n1').status).toMatchObject({ phase: 'Running', containerStatuses: [{ restartCount: 0 }] });
    });
    await bench.within(1_000, () => expect(bench.server.events.objects().length).toBeGreaterThan(0));
    expect(bench.server.events.objects().length).toBeLessThan(1_100);
  }, 60_000);
});
