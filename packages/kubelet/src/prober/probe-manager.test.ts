import { CriError, type ExecResult } from '@podling/cri';
import { formatTime, type Container, type ContainerStatus, type Pod, type PodStatus, type Probe } from '@podling/shared/api';
import { FakeClock, settle } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { podOf, uid } from '../testing/runtime-objects.ts';
import { ProbeManager } from './probe-manager.ts';

type Answer = number | Error | Promise<ExecResult>;

/** A manager whose exec probes are answered from a table: by command, the last answer again and again. */
class Scene {
  readonly clock = new FakeClock();
  readonly answers: Record<string, Answer[]> = {};
  readonly execs: { command: string; atMs: number; containerId: string }[] = [];
  readonly events: string[] = [];
  readonly kicks: string[] = [];
  readonly startMs = this.clock.now();
  status: PodStatus = {};
  readonly pod: Pod;
  readonly manager: ProbeManager;

  constructor(containers: (Partial<Container> & { name: string })[], { random = 0, spec = {} }: { random?: number; spec?: Partial<Pod['spec']> } = {}) {
    this.pod = podOf(containers, spec);
    const tell = (type: string, reason: string, message: string): void => void this.events.push(`${type} ${reason} ${message}`);
    this.manager = new ProbeManager({
      runtime: { execSync: (id, command, timeoutSeconds) => this.#exec(id, command, timeoutSeconds) },
      events: { pod: (_pod, type, reason, message) => tell(type, reason, message), container: (_pod, _container, ...event) => tell(...event) },
      clock: this.clock,
      statusOf: () => this.status,
      onVerdict: (podUid) => void this.kicks.push(podUid),
      random: () => random,
    });
  }

  /** The kubelet has begun so long ago that nothing is spread any more; the pod has come, nothing of it runs. */
  async settled(): Promise<this> {
    await this.clock.advance(1_000_000);
    this.sync();
    return this;
  }

  sync(): void {
    this.manager.addPod(this.pod, this.status);
    this.manager.statusReported(uid, this.status);
  }

  runs(id = 'c1', parts: Partial<ContainerStatus> = {}): void {
    const startedAt = formatTime(new Date(this.clock.now()));
    const status = { name: 'web', ready: false, started: true, restartCount: 0, image: '', imageID: '', containerID: `containerd://${id}`, state: { running: { startedAt } }, ...parts };
    this.status = { ...this.status, podIP: '10.0.0.2', containerStatuses: [status] };
  }

  /** When probes ran, in seconds from the moment `from`. */
  times(command: string, from: number): number[] {
    return this.execs.filter((exec) => exec.command === command).map(({ atMs }) => (atMs - from) / 1000);
  }

  result(kind: 'liveness' | 'readiness' | 'startup', id = 'c1'): string | undefined {
    return this.manager.get(kind, id)?.result;
  }

  async #exec(containerId: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    const name = command.join(' ');
    this.execs.push({ command: name, atMs: this.clock.now(), containerId });
    const answers = this.answers[name] ?? [0];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    if (answer instanceof Promise) return answer;
    if (answer === -1) {
      await this.clock.sleep(timeoutSeconds * 1000);
      throw new CriError('DeadlineExceeded', 'timed out');
    }
    return { exitCode: answer ?? 0, stdout: Buffer.from('out '), stderr: Buffer.from(`err\u001b[2J`) };
  }
}

const probe = (command: string, parts: Partial<Probe> = {}): Probe => ({ exec: { command: [command] }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3, ...parts });

describe('ProbeManager', () => {
  it('holds a container for alive and for not ready until a probe has said something', async () => {
    const scene = await new Scene([{ name: 'web', livenessProbe: probe('live', { initialDelaySeconds: 15 }), readinessProbe: probe('ready', { initialDelaySeconds: 15 }), startupProbe: probe('start', { initialDelaySeconds: 15 }) }]).settled();
    scene.runs('c1', { started: false });
    scene.sync();
    await scene.clock.advance(10_000);
    expect([scene.result('liveness'), scene.result('readiness'), scene.result('startup')]).toEqual(['Success', 'Failure', undefined]);
    expect(scene.execs).toEqual([]);
    expect(scene.kicks).toEqual([]);
  });

  it('probes at its period once the initial delay is over', async () => {
    const scene = await new Scene([{ name: 'web', livenessProbe: probe('live', { initialDelaySeconds: 12 }) }]).settled();
    const from = scene.clock.now();
    scene.runs();
    scene.sync();
    await scene.clock.advance(45_000);
    expect(scene.times('live', from)).toEqual([20, 30, 40]);
  });

  it('fails liveness at its threshold, then leaves the container alone until it has another id', async () => {
    const scene = await new Scene([{ name: 'web', livenessProbe: probe('live') }]).settled();
    scene.answers['live'] = [1, 0, 1];
    const from = scene.clock.now();
    scene.runs();
    scene.sync();
    await scene.clock.advance(45_000);
    expect(scene.result('liveness')).toBe('Success');
    await scene.clock.advance(60_000);
    expect(scene.result('liveness')).toBe('Failure');
    expect(scene.times('live', from)).toEqual([10, 20, 30, 40, 50]);
    expect(scene.kicks).toEqual([uid]);
    scene.runs('c2');
    scene.answers['live'] = [0];
    await scene.clock.advance(10_000);
    expect([scene.result('liveness'), scene.result('liveness', 'c2')]).toEqual([undefined, 'Success']);
    expect(scene.execs.at(-1)?.containerId).toBe('c2');
  });

  it('says what a failed probe has printed, without what a terminal would act on', async () => {
    const scene = await new Scene([{ name: 'web', livenessProbe: probe('live') }]).settled();
    scene.answers['live'] = [1];
    scene.runs();
    await scene.clock.advance(10_000);
    expect(scene.events).toEqual(['Warning Unhealthy Liveness probe failed: out err\ufffd[2J']);
  });

  it('counts a timeout as a failure and tries a probe that cannot be made three times, to no verdict', async () => {
    const scene = await new Scene([{ name: 'web', readinessProbe: probe('ready', { failureThreshold: 1, periodSeconds: 100 }), livenessProbe: probe('live', { failureThreshold: 1 }) }]).settled();
    scene.answers['live'] = [new CriError('StartError', 'no such file')];
    scene.answers['ready'] = [-1];
    scene.runs();
    scene.sync();
    await scene.clock.advance(10_500);
    expect(scene.events.toSorted()).toEqual([
      'Warning Unhealthy Liveness probe errored and resulted in unknown state: no such file',
      'Warning Unhealthy Readiness probe failed: command timed out: "ready" timed out after 1s',
    ]);
    expect(scene.execs.filter(({ command }) => command === 'live')).toHaveLength(3);
    expect(scene.result('liveness')).toBe('Success');
  });

  it('gives up on a runtime that does not end a command', async () => {
    const scene = await new Scene([{ name: 'web', livenessProbe: probe('live', { failureThreshold: 1 }) }]).settled();
    scene.answers['live'] = [new Promise<ExecResult>(() => undefined), 0];
    scene.runs();
    scene.sync();
    await scene.clock.advance(25_000);
    expect(scene.events).toHaveLength(1);
    await scene.clock.advance(10_000);
    expect(scene.execs.length).toBeGreaterThan(1);
    expect(scene.result('liveness')).toBe('Success');
  });

  it('lets startup go before the others and asks it no more once it is decided', async () => {
    const scene = await new Scene([{ name: 'web', startupProbe: probe('start', { periodSeconds: 1, failureThreshold: 30 }), livenessProbe: probe('live'), readinessProbe: probe('ready') }]).settled();
    scene.answers['start'] = [1, 1, 0];
    const from = scene.clock.now();
    scene.runs();
    scene.sync();
    await scene.clock.advance(25_000);
    expect(scene.times('start', from)).toEqual([1, 2, 3]);
    expect(scene.times('live', from)).toEqual([10, 20]);
    expect(scene.result('startup')).toBe('Success');
    expect(scene.kicks[0]).toBe(uid);
  });

  it('fails startup at its threshold', async () => {
    const scene = await new Scene([{ name: 'web', startupProbe: probe('start', { periodSeconds: 1, failureThreshold: 3 }), livenessProbe: probe('live') }]).settled();
    scene.answers['start'] = [1];
    const from = scene.clock.now();
    scene.runs();
    scene.sync();
    await scene.clock.advance(25_000);
    expect(scene.result('startup')).toBe('Failure');
    expect([scene.times('start', from), scene.times('live', from)]).toEqual([[1, 2, 3], []]);
  });

  it('looks at readiness as soon as a container is seen to run, and wants its successes in a row', async () => {
    const scene = await new Scene([{ name: 'web', readinessProbe: probe('ready', { successThreshold: 2 }) }]).settled();
    scene.answers['ready'] = [0, 1, 0];
    scene.sync();
    await scene.clock.advance(3_000);
    const from = scene.clock.now();
    scene.runs();
    scene.sync();
    await scene.clock.advance(25_000);
    expect(scene.times('ready', from)).toEqual([0, 10, 20]);
    expect(scene.result('readiness')).toBe('Failure');
    await scene.clock.advance(5_000);
    expect(scene.result('readiness')).toBe('Success');
    expect(scene.kicks).toEqual([uid]);
  });

  it('keeps a period when a probe takes long', async () => {
    const scene = await new Scene([{ name: 'web', livenessProbe: probe('live', { periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 100 }) }]).settled();
    scene.answers['live'] = [-1, 0];
    const from = scene.clock.now();
    scene.runs();
    scene.sync();
    await scene.clock.advance(10_000);
    expect(scene.times('live', from)).toEqual([2, 7, 9]);
  });

  it('goes on with what was reported before this kubelet', async () => {
    const containers = [{ name: 'web', livenessProbe: probe('live'), readinessProbe: probe('ready'), startupProbe: probe('start') }];
    const ready = new Scene(containers, { random: 0.5 });
    ready.runs('c1', { ready: true, started: true });
    ready.status = { ...ready.status, conditions: [{ type: 'Ready', status: 'True' }] };
    ready.answers['ready'] = [1];
    ready.sync();
    expect([ready.result('liveness'), ready.result('readiness'), ready.result('startup')]).toEqual(['Success', 'Success', 'Success']);
    await ready.clock.advance(16_000);
    expect([ready.times('ready', ready.startMs), ready.times('start', ready.startMs), ready.result('readiness')]).toEqual([[5, 15], [], 'Success']);
    await ready.clock.advance(10_000);
    expect(ready.result('readiness')).toBe('Failure');

    const unready = new Scene(containers);
    unready.runs('c1', { ready: true, started: false });
    unready.manager.addPod(unready.pod, unready.status);
    expect([unready.result('readiness'), unready.result('startup')]).toEqual([undefined, undefined]);
  });

  it('of a pod that terminates probes readiness alone, also when it terminated before this kubelet', async () => {
    for (const known of [true, false]) {
      const scene = await new Scene([{ name: 'web', livenessProbe: probe('live'), readinessProbe: probe('ready'), startupProbe: probe('start') }]).settled();
      scene.answers['start'] = [1];
      scene.runs('c1', known ? {} : { ready: true });
      if (known) scene.sync();
      await scene.clock.advance(11_000);
      const before = scene.times('start', 0).length + scene.times('live', 0).length;
      scene.manager.terminatePod(scene.pod, scene.status);
      if (known) expect([scene.result('liveness'), scene.result('startup')]).toEqual(['Success', 'Success']);
      await scene.clock.advance(21_000);
      expect(scene.times('start', 0).length + scene.times('live', 0).length).toBe(before);
      if (known) expect(scene.times('ready', 0).length).toBeGreaterThan(1);
    }
  });

  it('probes sidecars, and no other init container', async () => {
    const initContainers = [
      { name: 'init', image: 'i', livenessProbe: probe('init') },
      { name: 'side', image: 'i', restartPolicy: 'Always' as const, livenessProbe: probe('side') },
    ];
    const scene = await new Scene([{ name: 'web' }], { spec: { initContainers } }).settled();
    scene.runs();
    const running = scene.status.containerStatuses?.[0];
    if (!running) throw new Error('no status');
    scene.status = { ...scene.status, initContainerStatuses: ['init', 'side'].map((name) => ({ ...running, name, containerID: `containerd://${name}` })) };
    await scene.clock.advance(10_000);
    expect(scene.execs.map(({ containerId }) => containerId)).toEqual(['side']);
  });

  it('keeps nothing of a forgotten pod, nor an answer that comes late', async () => {
    const scene = await new Scene([{ name: 'web', livenessProbe: probe('live', { failureThreshold: 1 }) }]).settled();
    const late = Promise.withResolvers<ExecResult>();
    scene.answers['live'] = [late.promise];
    scene.runs();
    await scene.clock.advance(10_000);
    expect(scene.execs).toHaveLength(1);
    scene.manager.forgetPod(uid);
    late.resolve({ exitCode: 1, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) });
    await settle();
    expect([scene.result('liveness'), scene.events, scene.clock.pendingTimers]).toEqual([undefined, [], 0]);
  });
});
