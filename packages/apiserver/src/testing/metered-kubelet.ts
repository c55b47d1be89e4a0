import type { Node } from '@podling/shared/api';
import { FakeKubelet } from './fake-kubelet.ts';
import type { PemPair } from './certificates.ts';

/** What a container of a test uses, from its start on. */
export interface Load {
  namespace: string;
  pod: string;
  container: string;
  /** Cores. */
  cpu: number;
  memoryBytes: number;
  /** Default: when the kubelet was made. */
  startMs?: number;
}

/** A kubelet that tells of loads on `/metrics/resource`, as steady as the clock. */
export class MeteredKubelet {
  readonly fake: FakeKubelet;
  readonly #nowMs: () => number;
  readonly #startMs: number;
  loads: Load[] = [];
  node = { cpu: 0.25, memoryBytes: 1 << 30 };
  #port = 0;

  constructor(serving: PemPair, clientCa: string, nowMs: () => number) {
    this.fake = new FakeKubelet(serving, clientCa);
    this.#nowMs = nowMs;
    this.#startMs = nowMs() - 60_000;
    this.fake.answer = (_request, response) => response.end(this.text());
  }

  async listen(): Promise<void> {
    this.#port = await this.fake.listen();
  }

  close(): Promise<void> {
    return this.fake.close();
  }

  /** How often it was asked. */
  get scrapes(): number {
    return this.fake.requests.filter((path) => path === '/metrics/resource').length;
  }

  /** As the node that it is the kubelet of would be registered. */
  asNode(name: string, labels: Record<string, string> = {}): Node {
    return {
      metadata: { name, labels },
      status: { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }], daemonEndpoints: { kubeletEndpoint: { Port: this.#port } } },
    };
  }

  text(): string {
    const nowMs = this.#nowMs();
    const lines = this.loads.flatMap(({ namespace, pod, container, cpu, memoryBytes, startMs = this.#startMs }) => {
      const labels = `{container="${container}",namespace="${namespace}",pod="${pod}"}`;
      return [
        `container_cpu_usage_seconds_total${labels} ${(cpu * (nowMs - startMs)) / 1000} ${nowMs}`,
        `container_memory_working_set_bytes${labels} ${memoryBytes} ${nowMs}`,
        `container_start_time_seconds${labels} ${startMs / 1000}`,
      ];
    });
    const ofNode = [
      `node_cpu_usage_seconds_total ${(this.node.cpu * (nowMs - this.#startMs)) / 1000} ${nowMs}`,
      `node_memory_working_set_bytes ${this.node.memoryBytes} ${nowMs}`,
    ];
    return ['# HELP node_cpu_usage_seconds_total Cumulative cpu time', '# TYPE node_cpu_usage_seconds_total counter', ...ofNode, ...lines, 'resource_scrape_error 0', ''].join('\n');
  }
}
