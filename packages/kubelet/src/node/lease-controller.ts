import { formatMicroTime, isAlreadyExists, isConflict, isNotFound, type Lease } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import { Background, exponentialBackoff, type Clock, type Logger } from '@podling/shared/util';

export interface LeaseControllerOptions {
  client: Client;
  nodeName: string;
  nodeUid: Promise<string | undefined>;
  renewIntervalMs: number;
  durationSeconds: number;
  clock: Clock;
  logger: Logger;
}

const leaseNamespace = 'kube-node-lease';

/**
 * The node's heartbeat: a Lease renewed by a loop that waits for nothing else the kubelet does.
 * Upstream twin: component-helpers `lease.Controller` (KEP-589).
 */
export class LeaseController {
  readonly #options: LeaseControllerOptions;
  readonly #background = new Background('the kubelet', () => this.#run());
  #lease: Lease | undefined;

  constructor(options: LeaseControllerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#background.start();
  }

  stop(): Promise<void> {
    return this.#background.stop();
  }

  async #run(): Promise<void> {
    const { clock, logger, renewIntervalMs, nodeUid } = this.#options;
    const { signal } = this.#background;
    const backoff = exponentialBackoff({ initialMs: 200, maxMs: Math.min(renewIntervalMs, 5_000), jitter: 0.2 });
    const uid = await nodeUid.catch(() => undefined);
    while (!signal.aborted) {
      let delayMs = renewIntervalMs;
      try {
        await this.#renew(uid);
        backoff.reset();
      } catch (error) {
        delayMs = backoff.next();
        if (!signal.aborted) logger.warn({ err: error }, 'cannot renew node lease');
      }
      await clock.sleep(delayMs, signal).catch(() => undefined);
    }
  }

  async #renew(nodeUid: string | undefined): Promise<void> {
    try {
      this.#lease = await this.#write(nodeUid);
    } catch (error) {
      if (isConflict(error) || isNotFound(error) || isAlreadyExists(error)) this.#lease = undefined;
      throw error;
    }
  }

  async #write(nodeUid: string | undefined): Promise<Lease> {
    const leases = this.#options.client.leases(leaseNamespace);
    const known = this.#lease ?? (await this.#read());
    const lease = this.#renewed(known, nodeUid);
    return known === undefined ? leases.create(lease) : leases.update(lease);
  }

  async #read(): Promise<Lease | undefined> {
    try {
      return await this.#options.client.leases(leaseNamespace).get(this.#options.nodeName);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #renewed(known: Lease | undefined, nodeUid: string | undefined): Lease {
    const { nodeName, durationSeconds, clock } = this.#options;
    const owner = nodeUid === undefined ? {} : { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: nodeUid }] };
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { ...(known?.metadata ?? { name: nodeName, namespace: leaseNamespace }), ...owner },
      spec: { ...known?.spec, holderIdentity: nodeName, leaseDurationSeconds: durationSeconds, renewTime: formatMicroTime(new Date(clock.now())) },
    };
  }
}
