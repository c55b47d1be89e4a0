import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApiServer } from '@podling/apiserver';
import { startControllerManager } from '@podling/controller-manager';
import { createFakeRuntime } from '@podling/cri/fake';
import type { FakeRuntime } from '@podling/cri/fake';
import { parseKubeletConfig, startKubelet } from '@podling/kubelet';
import type { RunningKubelet } from '@podling/kubelet';
import { startScheduler } from '@podling/scheduler';
import { createClient } from '@podling/shared/client';
import type { Client } from '@podling/shared/client';
import { createLogger, systemClock } from '@podling/shared/util';

const logger = createLogger('test', 'silent');

export interface HollowNode {
  name: string;
  runtime: FakeRuntime;
  stopKubelet(): Promise<void>;
  startKubelet(): Promise<void>;
}

/** A whole cluster in this process: apiserver on memory storage, scheduler, controllers, kubelets on in-memory runtimes. */
export class InProcessCluster {
  readonly url: string;
  readonly client: Client;
  readonly #folder: string;
  readonly #stops: (() => Promise<void>)[] = [];

  private constructor(url: string) {
    this.url = url;
    this.client = this.connect();
    this.#folder = mkdtempSync(join(tmpdir(), 'podling-component-'));
  }

  static async start(): Promise<InProcessCluster> {
    const server = await startApiServer({
      storage: { kind: 'memory' }, insecureBind: { address: '127.0.0.1', port: 0 }, logger, disabledAdmissionPlugins: ['ServiceAccount'],
    });
    const cluster = new InProcessCluster(server.url);
    cluster.#stops.push(() => server.stop());
    const [schedulerClient, controllerClient] = [cluster.connect(), cluster.connect()];
    const scheduler = startScheduler({ client: schedulerClient, logger });
    const controllers = startControllerManager({ client: controllerClient, logger, nodeMonitorGracePeriodMs: 2000, nodeMonitorPeriodMs: 500 });
    cluster.#stops.push(() => scheduler.stop(), () => controllers.stop(), () => schedulerClient.close(), () => controllerClient.close());
    return cluster;
  }

  connect(server = this.url): Client {
    return createClient({ server, namespace: 'default' });
  }

  async addNode(name: string, server = this.url): Promise<HollowNode> {
    const runtime = createFakeRuntime({ clock: systemClock, images: ['podling.local/toolbox:1'] });
    let kubelet: { running: RunningKubelet; client: Client } | undefined;
    const config = parseKubeletConfig([
      `--hostname-override=${name}`,
      '--address=127.0.0.1',
      '--port=0',
      `--root-dir=${join(this.#folder, name)}`,
      '--container-runtime=fake',
      '--node-lease-renew-interval=500ms',
    ]);
    const node: HollowNode = {
      name,
      runtime,
      startKubelet: async () => {
        const client = this.connect(server);
        kubelet = { client, running: await startKubelet(config, { client, runtime, logger }) };
      },
      stopKubelet: async () => {
        await kubelet?.running.stop();
        await kubelet?.client.close();
        kubelet = undefined;
      },
    };
    this.#stops.push(() => node.stopKubelet());
    await node.startKubelet();
    return node;
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.toReversed()) await stop();
    await this.client.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
