import { afterAll, beforeAll } from 'vitest';
import type { KubeObject, Pod, Status } from '@podling/shared/api';
import { createLogger } from '@podling/shared/util';
import type { ApiServerConfig } from '../config.ts';
import { checkCaches } from './check-caches.ts';
import { startEtcd } from '../storage/testing/index.ts';
import type { TestEtcd } from '../storage/testing/index.ts';
import { startApiServer } from '../server.ts';
import type { RunningApiServer } from '../server.ts';

export interface Answer<T> {
  code: number;
  headers: Headers;
  body: T;
}

interface RequestInit {
  body?: unknown;
  contentType?: string;
  accept?: string;
}

export type TestServerOptions = Omit<ApiServerConfig, 'storage' | 'insecureBind' | 'logger'>;

export const storeName = process.env['PODLING_TEST_STORAGE'] === 'etcd3' ? 'etcd' : 'memory';

export const pods = '/api/v1/namespaces/default/pods';

/**
 * An apiserver in this process, on any port, for the tests of one file: on memory storage, or on an etcd of its own where
 * PODLING_TEST_STORAGE=etcd3. The plugin that wants accounts is off, since only a controller makes them.
 */
export class TestServer {
  #running: RunningApiServer | undefined;
  #etcd: TestEtcd | undefined;
  #historySize = 10_000;
  #churned = 0;

  get url(): string {
    if (!this.#running) throw new Error('the test server has not been started');
    return this.#running.url;
  }

  /** The port that asks nobody who they are. */
  get insecureUrl(): string {
    return this.#running?.insecureUrl ?? this.url;
  }

  async start(options: TestServerOptions = {}): Promise<void> {
    const logger = createLogger('apiserver', 'silent');
    this.#historySize = options.watchHistorySize ?? this.#historySize;
    if (storeName === 'etcd') this.#etcd = await startEtcd();
    const storage = this.#etcd ? { kind: 'etcd3' as const, servers: [this.#etcd.endpoint] } : { kind: 'memory' as const };
    const disabledAdmissionPlugins = ['ServiceAccount'];
    try {
      this.#running = await startApiServer({ storage, insecureBind: { address: '127.0.0.1', port: 0 }, logger, disabledAdmissionPlugins, ...options });
    } catch (error) {
      await this.#etcd?.stop();
      throw error;
    }
  }

  /**
   * Makes the store forget its history up to now. A store in memory does so as it is written to, after twice
   * `watchHistorySize` (default 10,000) changes.
   */
  async compact(): Promise<void> {
    const churn = this.#etcd ? 1 : 2 * this.#historySize + 1;
    let revision = '';
    for (let count = 0; count < churn; count += 1) {
      const body = { metadata: { labels: { churn: String((this.#churned += 1)) } } };
      const answer = await this.send('PATCH', '/api/v1/namespaces/default', { body, contentType: 'application/merge-patch+json' });
      revision = answer.body.metadata.resourceVersion ?? '';
    }
    await this.#etcd?.compact(revision);
  }

  /** On etcd the caches must then hold what etcd holds. */
  async stop(): Promise<void> {
    try {
      if (this.#etcd && this.#running) await checkCaches(this.insecureUrl);
    } finally {
      await this.#running?.stop();
      await this.#etcd?.stop();
    }
  }

  /** A body that is no string goes out as JSON; the answer's body is parsed when it is JSON. */
  async send<T = KubeObject & Status>(method: string, path: string, { body, contentType, accept }: RequestInit = {}): Promise<Answer<T>> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const headers: Record<string, string> = { ...(accept ? { accept } : {}), ...(text === undefined ? {} : { 'content-type': contentType ?? 'application/json' }) };
    const response = await fetch(this.url + path, { method, headers, ...(text === undefined ? {} : { body: text }) });
    const answer = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return { code: response.status, headers: response.headers, body: (isJson ? JSON.parse(answer) : answer) as T };
  }

  async createPod(name: string, parts: Partial<Pod> = {}): Promise<Pod> {
    const { code, body } = await this.send<Pod>('POST', pods, { body: podBody(name, parts) });
    if (code !== 201) throw new Error(`pod ${name} was not created: ${JSON.stringify(body)}`);
    return body;
  }

  async bindPod(name: string, nodeName: string): Promise<void> {
    const { code, body } = await this.send('POST', `${pods}/${name}/binding`, { body: { metadata: { name }, target: { kind: 'Node', name: nodeName } } });
    if (code !== 201) throw new Error(`pod ${name} was not bound: ${JSON.stringify(body)}`);
  }
}

export function podBody(name: string, parts: Partial<Pod> = {}): Pod {
  return { apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'main', image: 'podling.local/toolbox:1' }] }, ...parts, metadata: { name, ...parts.metadata } };
}

/** One server for the tests of a file. */
export function useTestServer(options: TestServerOptions = {}): TestServer {
  const server = new TestServer();
  beforeAll(() => server.start(options));
  afterAll(() => server.stop());
  return server;
}
