import type { Pod } from '@podling/shared/api';
import type { Client, WatchStream } from '@podling/shared/client';

type Look = (pod: Pod, type: string) => boolean;

const isRunning = (pod: Pod): boolean =>
  pod.status?.phase === 'Running' && pod.status.containerStatuses?.[0]?.state?.running !== undefined;

/** One watch over all pods of the default namespace, with times taken when an event arrives. */
export class PodWatch {
  readonly #stream: WatchStream<Pod>;
  readonly #waits = new Map<Look, (at: number) => void>();

  private constructor(stream: WatchStream<Pod>) {
    this.#stream = stream;
    void this.#read();
  }

  static async open(client: Client): Promise<PodWatch> {
    const { metadata } = await client.pods('default').list();
    return new PodWatch(client.pods('default').watch({ resourceVersion: metadata.resourceVersion ?? '0' }));
  }

  /** Resolves to the time at which an event first was what `look` wants. Call it before what causes it. */
  when(look: Look): Promise<number> {
    return new Promise((resolve) => this.#waits.set(look, resolve));
  }

  scheduled(name: string): Promise<number> {
    return this.when(({ metadata, spec }) => metadata.name === name && spec.nodeName !== undefined);
  }

  running(name: string): Promise<number> {
    return this.when((pod) => pod.metadata.name === name && isRunning(pod));
  }

  gone(name: string): Promise<number> {
    return this.when(({ metadata }, type) => metadata.name === name && type === 'DELETED');
  }

  close(): void {
    this.#stream.close();
  }

  async #read(): Promise<void> {
    for await (const event of this.#stream) {
      if (event.type === 'ERROR' || event.type === 'BOOKMARK') continue;
      const at = performance.now();
      for (const [look, seen] of this.#waits) {
        if (!look(event.object, event.type)) continue;
        this.#waits.delete(look);
        seen(at);
      }
    }
  }
}
