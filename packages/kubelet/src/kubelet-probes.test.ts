import type { Probe } from '@podling/shared/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './testing/eventually.ts';
import { image, KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

const probe = (command: string, parts: Partial<Probe> = {}): Probe => ({ exec: { command: [command] }, timeoutSeconds: 1, periodSeconds: 1, successThreshold: 1, failureThreshold: 3, ...parts });

describe('kubelet with probes', () => {
  let bench: KubeletBench;
  /** Exit codes by command. */
  const answers: Record<string, number> = {};

  beforeEach(async () => {
    for (const command of Object.keys(answers)) delete answers[command];
    bench = new KubeletBench(await tempDir(), { behaviour: () => ({ exec: ([command]) => ({ exitCode: answers[command ?? ''] ?? 0 }) }) });
    await bench.start();
  });
  afterEach(() => bench.stop());

  const ready = (): string | undefined => bench.pod().status?.conditions?.find(({ type }) => type === 'Ready')?.status;

  it('restarts a container whose liveness has failed', async () => {
    bench.put({ containers: [{ name: 'web', image, livenessProbe: probe('live') }] });
    await bench.running();
    answers['live'] = 1;
    await bench.within(500, () => expect(bench.web()).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 143 } } }));
    expect(bench.events('Unhealthy')).toContain('Liveness probe failed: ');
    expect(bench.events('Killing')).toContain('Container web failed liveness probe, will be restarted');
  });

  it('makes a pod ready and unready by its readiness, and waits for startup', async () => {
    answers['start'] = 1;
    answers['ready'] = 1;
    bench.put({ containers: [{ name: 'web', image, startupProbe: probe('start', { failureThreshold: 100 }), readinessProbe: probe('ready', { failureThreshold: 1 }) }] });
    await bench.running();
    expect(bench.web()).toMatchObject({ started: false, ready: false });
    answers['start'] = 0;
    await bench.within(500, () => expect(bench.web()).toMatchObject({ started: true, ready: false }));
    answers['ready'] = 0;
    await bench.within(500, () => expect(ready()).toBe('True'));
    answers['ready'] = 1;
    await bench.within(500, () => expect(ready()).toBe('False'));
    expect(bench.web()).toMatchObject({ ready: false, restartCount: 0 });
  });

  it('keeps a pod ready over a restart of the kubelet until a probe says otherwise', async () => {
    bench.put({ containers: [{ name: 'web', image, readinessProbe: probe('ready', { periodSeconds: 60 }) }] });
    await bench.within(500, () => expect(ready()).toBe('True'));
    await bench.stop();
    await bench.start();
    answers['ready'] = 1;
    await bench.within(1_000, () => expect(bench.events('Unhealthy').length).toBeGreaterThan(0));
    expect(ready()).toBe('True');
    await bench.within(30_000, () => expect(ready()).toBe('False'));
  });

  it('goes on probing readiness while a pod ends, and nothing else', async () => {
    bench.put({ containers: [{ name: 'web', image, livenessProbe: probe('live'), readinessProbe: probe('ready', { failureThreshold: 1 }) }] });
    await bench.within(500, () => expect(ready()).toBe('True'));
    answers['live'] = 1;
    bench.markDeleted();
    await eventually(() => expect(bench.server.pods.get('default/web')).toBeUndefined());
    expect(bench.events('Unhealthy')).toEqual([]);
  });
});
