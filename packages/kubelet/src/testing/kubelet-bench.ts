import { createFakeRuntime, type FakeRuntime, type FakeRuntimeOptions } from '@podling/cri/fake';
import type { ContainerStatus, Pod } from '@podling/shared/api';
import { buildPod, createFakeServer, FakeClock, type FakeServer } from '@podling/shared/testing';
import { pino } from 'pino';
import { expect } from 'vitest';
import { parseKubeletConfig } from '../config.ts';
import { startKubelet, type RunningKubelet } from '../kubelet.ts';
import { eventually } from './eventually.ts';

/** What its containers run. */
export const image = 'podling.local/toolbox:1';

/** A kubelet on a runtime and an apiserver in memory; both outlive it, as the real ones do. */
export class KubeletBench {
  readonly clock = new FakeClock();
  readonly server: FakeServer = createFakeServer();
  runtime: FakeRuntime;
  readonly root: string;
  readonly #kubelets: RunningKubelet[] = [];

  constructor(root: string, options: Partial<FakeRuntimeOptions> = {}) {
    this.root = root;
    this.runtime = createFakeRuntime({ clock: this.clock, images: [image], ...options });
  }

  async start(flags: string[] = []): Promise<RunningKubelet> {
    const config = parseKubeletConfig([
      '--hostname-override=n1',
      '--node-ip=127.0.0.9',
      '--address=127.0.0.1',
      '--port=0',
      `--root-dir=${this.root}`,
      '--container-runtime=fake',
      '--cluster-dns=10.96.0.10',
      ...flags,
    ]);
    const { clock, runtime } = this;
    const kubelet = await startKubelet(config, { client: this.server.client, clock, runtime, logger: pino({ level: 'silent' }) });
    this.#kubelets.push(kubelet);
    return kubelet;
  }

  /** The node comes back with nothing of what ran on it. */
  loseEverything(): void {
    this.runtime = createFakeRuntime({ clock: this.clock, images: [image] });
  }

  async stop(): Promise<void> {
    for (const kubelet of this.#kubelets) await kubelet.stop();
  }

  put(spec: Partial<Pod['spec']> = {}, name = 'web', uid = `uid-${name}`): Pod {
    const containers = [{ name: 'web', image }];
    return this.server.pods.put(buildPod({ name, uid, nodeName: 'n1', spec: { containers, terminationGracePeriodSeconds: 5, ...spec } }));
  }

  /** As the apiserver does with a pod that is bound to a node. */
  markDeleted(name = 'web'): void {
    const pod = this.pod(name);
    const metadata = { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 5 };
    this.server.pods.put({ ...pod, metadata });
  }

  pod(name = 'web'): Pod {
    const pod = this.server.pods.get(`default/${name}`);
    if (!pod) throw new Error(`no pod ${name}`);
    return pod;
  }

  web(name = 'web'): ContainerStatus {
    const status = this.pod(name).status?.containerStatuses?.[0];
    if (!status) throw new Error('no container status');
    return status;
  }

  async running(name = 'web'): Promise<void> {
    await eventually(() => expect(this.pod(name).status).toMatchObject({ phase: 'Running', containerStatuses: [{ state: { running: {} } }] }));
  }

  id(name = 'web'): string {
    return this.web(name).containerID?.replace('containerd://', '') ?? '';
  }

  /** Lets time pass until the check holds. */
  async within(stepMs: number, check: () => void | Promise<void>): Promise<void> {
    await eventually(async () => {
      await this.clock.advance(stepMs);
      await check();
    });
  }

  events(reason: string): string[] {
    return this.server.events.objects().filter((event) => event.reason === reason).map((event) => event.message ?? '');
  }
}
