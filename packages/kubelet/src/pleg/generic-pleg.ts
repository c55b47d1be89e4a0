import type { Clock, Logger, Timer } from '@podling/shared/util';
import type { RuntimePod } from '../runtime/runtime.ts';
import type { Pleg, PodChanged } from './pleg.ts';

export interface GenericPlegOptions {
  listPods: () => Promise<RuntimePod[]>;
  onChange: PodChanged;
  clock: Clock;
  logger: Logger;
  relistPeriodMs: number;
}

/** Finds changes by comparing whole lists: slow, and sure. */
export class GenericPleg implements Pleg {
  readonly #options: GenericPlegOptions;
  #signatures = new Map<string, string>();
  #timer: Timer | undefined;
  #stopped = false;
  #relisting: Promise<void> | undefined;

  constructor(options: GenericPlegOptions) {
    this.#options = options;
  }

  start(): void {
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#relisting?.catch(() => undefined);
  }

  /** One comparison now. A second caller gets one that starts after its call. */
  async relist(): Promise<void> {
    await this.#relisting?.catch(() => undefined);
    this.#relisting ??= this.#relist().finally(() => (this.#relisting = undefined));
    await this.#relisting;
  }

  async #relist(): Promise<void> {
    const pods = await this.#options.listPods();
    const signatures = new Map(pods.map((pod) => [pod.uid, signatureOf(pod)]));
    const before = this.#signatures;
    this.#signatures = signatures;
    const uids = new Set([...before.keys(), ...signatures.keys()]);
    for (const uid of uids) if (before.get(uid) !== signatures.get(uid)) this.#options.onChange(uid);
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.setTimeout(() => void this.#tick(), this.#options.relistPeriodMs);
  }

  async #tick(): Promise<void> {
    try {
      await this.relist();
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'relist failed');
    }
    this.#schedule();
  }
}

function signatureOf({ sandboxes, containers }: RuntimePod): string {
  return [...sandboxes, ...containers].map(({ id, state }) => `${id}=${state}`).sort().join(' ');
}
