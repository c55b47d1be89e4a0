import type { Pod } from '@podling/shared/api';
import type { Client, WatchStream } from '@podling/shared/client';

interface Seen {
  scheduledAt: number;
  runningAt: number;
}

interface Wait {
  scheduledAt?: number;
  running?: (seen: Seen) => void;
  gone?: () => void;
}

const isRunning = (pod: Pod): boolean =>
  pod.status?.phase === 'Running' && pod.status.containerStatuses?.[0]?.state?.running !== undefined;

/** One watch over all pods of the default namespace, with times taken when an event arrives. */
export class PodWatch {
  readonly #stream: WatchStream<Pod>;
  readonly #waits = new Map<string, Wait>();

  private constructor(stream: WatchStream<Pod>) {
    this.#stream = stream;
    void this.#read();
  }

  static async open(client: Client): Promise<PodWatch> {
    const { metadata } = await client.pods('default').list();
    return new PodWatch(client.pods('default').watch({ resourceVersion: metadata.resourceVersion ?? '0' }));
  }

  /** Resolves when the pod has been seen Running. Call it before the pod is made. */
  expect(name: string): Promise<Seen> {
    return new Promise((resolve) => this.#waits.set(name, { running: resolve }));
  }

  gone(name: string): Promise<void> {
    return new Promise((resolve) => this.#waits.set(name, { gone: resolve }));
  }

  close(): void {
    this.#stream.close();
  }

  async #read(): Promise<void> {
    for await (const event of this.#stream) {
      if (event.type === 'ERROR' || event.type === 'BOOKMARK') continue;
      this.#note(event.type, event.object, performance.now());
    }
  }

  #note(type: string, pod: Pod, at: number): void {
    const wait = this.#waits.get(pod.metadata.name);
    if (!wait) return;
    if (type === 'DELETED') {
      this.#waits.delete(pod.metadata.name);
      wait.gone?.();
      return;
    }
    if (pod.spec.nodeName !== undefined) wait.scheduledAt ??= at;
    if (wait.running && isRunning(pod)) wait.running({ scheduledAt: wait.scheduledAt ?? at, runningAt: at });
  }
}
