import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApiServer } from '@podling/apiserver';
import { startControllerManager } from '@podling/controller-manager';
import { createFakeRuntime } from '@podling/cri/fake';
import type { FakeRuntime } from '@podling/cri/fake';
import { parseKubeletConfig, startKubelet } from '@podling/kubelet';
import type { RunningKubelet } from '@podling/kubelet';
import { ensureControlPlaneCertificates, ensureNodeCertificates } from '@podling/deploy/pki';
import type { ControlPlaneCertificates, KeyPairPaths } from '@podling/deploy/pki';
import { startScheduler } from '@podling/scheduler';
import { createClient } from '@podling/shared/client';
import { mountPointsBelow } from '@podling/shared/process';
import type { Client } from '@podling/shared/client';
import { createLogger, systemClock } from '@podling/shared/util';
import { execa } from 'execa';

const logger = createLogger('test', 'silent');

export interface HollowNode {
  name: string;
  /** The kubelet's. */
  rootDir: string;
  runtime: FakeRuntime;
  stopKubelet(): Promise<void>;
  startKubelet(): Promise<void>;
  /** As when the machine goes down. */
  shutDown(): Promise<void>;
}

/**
 * A whole cluster in this process: apiserver on memory storage, scheduler, controllers, kubelets on in-memory runtimes.
 * Everybody speaks TLS and has the rights of who they are.
 */
export class InProcessCluster {
  readonly url: string;
  /** The administrator's. */
  readonly client: Client;
  readonly #folder: string;
  readonly #pki: ControlPlaneCertificates;
  readonly #stops: (() => Promise<void>)[] = [];

  private constructor(url: string, folder: string, pki: ControlPlaneCertificates) {
    this.url = url;
    this.#folder = folder;
    this.#pki = pki;
    this.client = this.#connect(pki.admin);
  }

  static async start(): Promise<InProcessCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'podling-component-'));
    const pki = await ensureControlPlaneCertificates(folder, { ips: [] });
    const { ca, apiserver, apiserverKubeletClient } = pki;
    const server = await startApiServer({
      storage: { kind: 'memory' }, logger,
      serving: { bindAddresses: ['127.0.0.1'], port: 0, tlsCertFile: apiserver.cert, tlsPrivateKeyFile: apiserver.key, clientCaFile: ca },
      kubeletClient: { certificateAuthority: ca, clientCertificate: apiserverKubeletClient.cert, clientKey: apiserverKubeletClient.key },
      serviceAccounts: { signingKeyFile: pki.serviceAccount.key },
    });
    const cluster = new InProcessCluster(server.url, folder, pki);
    cluster.#stops.push(() => server.stop());
    const [schedulerClient, controllerClient] = [cluster.#connect(pki.scheduler), cluster.#connect(pki.controllerManager)];
    const scheduler = startScheduler({ client: schedulerClient, logger });
    const rootCa = readFileSync(ca, 'utf8');
    const controllers = startControllerManager({ client: controllerClient, logger, rootCa, nodeMonitorGracePeriodMs: 2000, nodeMonitorPeriodMs: 500 });
    cluster.#stops.push(() => scheduler.stop(), () => controllers.stop(), () => schedulerClient.close(), () => controllerClient.close());
    return cluster;
  }

  #connect({ cert, key }: KeyPairPaths, server = this.url): Client {
    const [certificateAuthority, clientCertificate, clientKey] = [this.#pki.ca, cert, key].map((file) => readFileSync(file, 'utf8')) as [string, string, string];
    return createClient({ server, namespace: 'default', certificateAuthority, clientCertificate, clientKey });
  }

  /** A client that shows a token. */
  connectWithToken(token: string): Client {
    return createClient({ server: this.url, namespace: 'default', certificateAuthority: readFileSync(this.#pki.ca, 'utf8'), token });
  }

  async addNode(name: string, server = this.url, flags: string[] = []): Promise<HollowNode> {
    const runtime = createFakeRuntime({ clock: systemClock, images: ['podling.local/toolbox:1'] });
    let kubelet: { running: RunningKubelet; client: Client } | undefined;
    const { client: identity, serving } = await ensureNodeCertificates(this.#folder, { name, ip: '127.0.0.1' });
    const rootDir = join(this.#folder, name);
    const config = parseKubeletConfig([
      `--hostname-override=${name}`,
      '--address=127.0.0.1',
      '--port=0',
      `--root-dir=${rootDir}`,
      '--container-runtime=fake',
      '--cluster-dns=10.96.0.10',
      '--node-lease-renew-interval=500ms',
      `--tls-cert-file=${serving.cert}`,
      `--tls-private-key-file=${serving.key}`,
      `--client-ca-file=${this.#pki.ca}`,
      ...flags,
    ]);
    const node: HollowNode = {
      name,
      rootDir,
      runtime,
      startKubelet: async () => {
        const client = this.#connect(identity, server);
        kubelet = { client, running: await startKubelet(config, { client, runtime, logger }) };
      },
      shutDown: async () => kubelet?.running.shutDownNode(),
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

  /** A node whose kubelet makes its runtime as `flags` say. */
  async addRealNode(name: string, flags: string[], log = logger): Promise<void> {
    const { client: identity, serving } = await ensureNodeCertificates(this.#folder, { name, ip: '127.0.0.1' });
    const client = this.#connect(identity);
    const config = parseKubeletConfig([
      `--hostname-override=${name}`, '--address=127.0.0.1', '--port=0', `--root-dir=${join(this.#folder, name)}`,
      `--tls-cert-file=${serving.cert}`, `--tls-private-key-file=${serving.key}`, `--client-ca-file=${this.#pki.ca}`, ...flags,
    ]);
    const kubelet = await startKubelet(config, { client, logger: log });
    this.#stops.push(async () => {
      await kubelet.stop();
      await client.close();
      for (const mount of mountPointsBelow(join(this.#folder, name))) await execa('umount', ['--lazy', mount]);
    });
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.toReversed()) await stop();
    await this.client.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
