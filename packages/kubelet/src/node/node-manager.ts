import { isDeepStrictEqual } from 'node:util';
import type { Node, NodeCondition, NodeStatus } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import { createInformer, type SharedInformer } from '@podling/shared/informer';
import { Background, exponentialBackoff, type Backoff, type Clock, type Logger } from '@podling/shared/util';
import { registerNode, type NodeIdentity } from './node-registrar.ts';
import type { RuntimeState } from './runtime-state.ts';

export interface NodeManagerOptions {
  client: Client;
  identity: NodeIdentity;
  /** False: somebody else creates the Node. */
  registers: boolean;
  checkPeriodMs: number;
  /** Between two reports of a status that has not changed. */
  reportPeriodMs: number;
  state: RuntimeState;
  /** The status as it is now, `known` being the conditions last reported. */
  buildStatus: (known: readonly NodeCondition[]) => Promise<NodeStatus>;
  /** The apiserver has taken a status in place of another one. */
  onReported: (before: NodeStatus, after: NodeStatus) => void;
  clock: Clock;
  logger: Logger;
}

/** Until the node is ready for the first time, and after every loss, a newcomer waits for it. */
const notReadyPeriodMs = 500;

/**
 * Registers the Node and keeps its status: written when something changed, when somebody else has changed it (a node
 * declared lost comes back), and every `reportPeriodMs`. Watches its own Node instead of asking for it.
 * Upstream twin: kubelet `syncNodeStatus`.
 */
export class NodeManager {
  readonly #options: NodeManagerOptions;
  readonly #informer: SharedInformer<Node>;
  readonly #background = new Background('the kubelet', () => this.#run());
  readonly #backoff: Backoff = exponentialBackoff({ initialMs: 200, maxMs: 5_000, jitter: 0.2 });
  #node: Node | undefined;
  #reportedMs = Number.NEGATIVE_INFINITY;
  #wake = new AbortController();
  readonly #registered = Promise.withResolvers<Node>();

  constructor(options: NodeManagerOptions) {
    this.#options = options;
    const { client, identity, clock, logger } = options;
    const listOptions = { fieldSelector: `metadata.name=${identity.name}` };
    this.#informer = createInformer<Node>({ client: client.nodes(), listOptions, name: 'node', clock, logger });
    this.#informer.addEventHandler({ onAdd: (node) => this.#observe(node), onUpdate: (_, node) => this.#observe(node) });
    this.#registered.promise.catch(() => undefined);
  }

  /** The Node as last seen, for admission. */
  node(): Node | undefined {
    return this.#node;
  }

  /** Something the status tells has changed. */
  soon(): void {
    this.#wake.abort();
  }

  /** Resolves once the Node is there. */
  registered(): Promise<Node> {
    return this.#registered.promise;
  }

  start(): void {
    this.#background.start();
  }

  async stop(): Promise<void> {
    const stopped = this.#background.stop();
    this.#wake.abort();
    this.#registered.reject(this.#background.signal.reason as Error);
    await Promise.all([stopped, this.#informer.stop()]);
  }

  #observe(node: Node): void {
    if (node.metadata.name !== this.#options.identity.name) return;
    this.#node = node;
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    while (!this.#background.signal.aborted) {
      this.#wake = new AbortController();
      const delayMs = await this.#pass();
      const signal = AbortSignal.any([this.#background.signal, this.#wake.signal]);
      await this.#options.clock.sleep(delayMs, signal).catch(() => undefined);
    }
  }

  /** One look at the node; returns when the next is due. */
  async #pass(): Promise<number> {
    const { state, checkPeriodMs, logger } = this.#options;
    try {
      await state.refresh();
      await this.#sync();
      this.#backoff.reset();
      return state.problem() === undefined ? checkPeriodMs : notReadyPeriodMs;
    } catch (error) {
      if (!this.#background.signal.aborted) logger.warn({ err: error }, 'cannot report node status');
      return this.#backoff.next();
    }
  }

  async #sync(): Promise<void> {
    const { client, identity, state, reportPeriodMs, clock } = this.#options;
    const status = await this.#options.buildStatus(this.#node?.status?.conditions ?? []);
    if (this.#node === undefined) await this.#register(status);
    const node = this.#node ?? { metadata: { name: identity.name } };
    await this.#setPodCidr(node, state.podCidr());
    const due = clock.monotonic() - this.#reportedMs >= reportPeriodMs;
    const patch = nodeStatusPatch(node.status ?? {}, status);
    if (!due && patch === undefined) return;
    this.#node = await client.nodes().patchStatus(identity.name, { status: patch ?? { conditions: status.conditions } });
    this.#reportedMs = clock.monotonic();
    this.#options.onReported(node.status ?? {}, status);
  }

  async #register(status: NodeStatus): Promise<void> {
    const { client, identity, registers, state } = this.#options;
    this.#node = registers ? await registerNode(client, identity, state.podCidr(), status) : await client.nodes().get(identity.name);
    const isNew = isDeepStrictEqual(this.#node.status?.conditions, status.conditions);
    if (isNew) this.#options.onReported({}, status);
    this.#informer.start();
    this.#registered.resolve(this.#node);
  }

  /** Set once; flannel's lease may come after the registration. */
  async #setPodCidr(node: Node, podCidr: string | undefined): Promise<void> {
    if (podCidr === undefined || node.spec?.podCIDR) return;
    const patch = { spec: { podCIDR: podCidr, podCIDRs: [podCidr] } };
    this.#node = await this.#options.client.nodes().patch(node.metadata.name, patch, 'application/merge-patch+json');
  }
}

/** Compared and written as a whole. */
const statusFields = ['capacity', 'allocatable', 'daemonEndpoints', 'nodeInfo', 'images', 'runtimeHandlers', 'features'] as const;

/** What differs, heartbeats aside; undefined when nothing does. */
function nodeStatusPatch(before: NodeStatus, after: NodeStatus): object | undefined {
  const fields = statusFields.filter((key) => !isDeepStrictEqual(stored(before[key]), stored(after[key])));
  const patch: Record<string, unknown> = Object.fromEntries(fields.map((key) => [key, stored(after[key]) ?? null]));
  if (!isDeepStrictEqual(before.addresses, after.addresses)) patch['addresses'] = before.addresses ? [{ $patch: 'replace' }, ...(after.addresses ?? [])] : after.addresses;
  const changed = after.conditions?.some((condition) => !sameVerdict(before.conditions?.find(({ type }) => type === condition.type), condition));
  if (changed === true) patch['conditions'] = after.conditions;
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** As the apiserver keeps it: an empty list is none. */
function stored<T>(value: T): T | undefined {
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}

function sameVerdict(before: NodeCondition | undefined, after: NodeCondition): boolean {
  return before?.status === after.status && before.reason === after.reason && before.message === after.message;
}
