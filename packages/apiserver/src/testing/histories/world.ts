import { createLogger } from '@podling/shared/util';
import { startApiServer } from '../../server.ts';
import type { RunningApiServer } from '../../server.ts';
import type { TestEtcd } from '../../storage/testing/index.ts';
import { checkCaches } from '../check-caches.ts';

export interface Note {
  metadata: { name: string; resourceVersion: string; labels?: Record<string, string> };
  data?: Record<string, string>;
}

export interface Outcome {
  /** 0: nobody knows whether it happened. */
  code: number;
  object: Note;
}

/** An apiserver that is restarted under its clients, on an etcd that is compacted under it. */
export class World {
  readonly #etcd: TestEtcd;
  readonly #path: string;
  #server: RunningApiServer | undefined;
  restarts = 0;

  constructor(etcd: TestEtcd, namespace: string) {
    this.#etcd = etcd;
    this.#path = `/api/v1/namespaces/${namespace}/configmaps`;
  }

  /** Of the ConfigMaps that the history is about; another port after each restart. */
  get url(): string {
    return `${this.#server?.url ?? 'http://127.0.0.1:1'}${this.#path}`;
  }

  async start(): Promise<void> {
    const storage = { kind: 'etcd3' as const, servers: [this.#etcd.endpoint] };
    this.#server = await startApiServer({ storage, insecureBind: { address: '127.0.0.1', port: 0 }, logger: createLogger('apiserver', 'silent') });
  }

  async restart(): Promise<void> {
    this.restarts += 1;
    await this.#server?.stop();
    await this.start();
  }

  async compact(): Promise<void> {
    const { object } = await this.send('GET', '?limit=1');
    if (object.metadata.resourceVersion) await this.#etcd.compact(object.metadata.resourceVersion).catch(() => undefined);
  }

  async send(method: string, path: string, body?: unknown): Promise<Outcome> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    try {
      const init = body === undefined ? { method } : { method, headers: { 'content-type': type }, body: JSON.stringify(body) };
      const response = await fetch(this.url + path, init);
      const object = (await response.json()) as Note;
      return { code: response.status >= 500 ? 0 : response.status, object };
    } catch {
      return { code: 0, object: { metadata: { name: '', resourceVersion: '' } } };
    }
  }

  async stop(): Promise<void> {
    try {
      if (this.#server) await checkCaches(this.#server.url);
    } finally {
      await this.#server?.stop();
    }
  }
}
