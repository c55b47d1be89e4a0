import { newNotFound } from '@podling/shared/api';
import type { ClientConfig, ConnectOptions, MessageSocket, RequestOptions, RestClient, WatchStream } from '@podling/shared/client';

type Handler = (options: RequestOptions) => unknown;

const resource = (name: string, kind: string, namespaced: boolean, more: Record<string, unknown> = {}): object => ({
  name,
  singularName: kind.toLowerCase(),
  kind,
  namespaced,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  ...more,
});

const CORE = [
  resource('pods', 'Pod', true, { shortNames: ['po'], categories: ['all'] }),
  resource('pods/log', 'Pod', true),
  resource('nodes', 'Node', false, { shortNames: ['no'] }),
  resource('namespaces', 'Namespace', false, { shortNames: ['ns'] }),
  resource('events', 'Event', true, { shortNames: ['ev'] }),
];

/** Answers requests from a table of `METHOD /path`; what is not there is a 404. Every request is kept. */
export class FakeApi implements RestClient {
  readonly config: ClientConfig = { server: 'http://127.0.0.1:8080', namespace: 'default' };
  readonly requests: RequestOptions[] = [];
  readonly #answers = new Map<string, Handler>();

  constructor() {
    this.on('GET /api/v1', { groupVersion: 'v1', resources: CORE });
    this.on('GET /apis', { groups: [{ name: 'coordination.k8s.io', versions: [{ groupVersion: 'coordination.k8s.io/v1' }] }] });
    this.on('GET /apis/coordination.k8s.io/v1', { groupVersion: 'coordination.k8s.io/v1', resources: [resource('leases', 'Lease', true)] });
  }

  /** `answer` is a value, an Error to throw, or a function of the request that gives either. */
  on(route: string, answer: unknown): this {
    this.#answers.set(route, typeof answer === 'function' ? (answer as Handler) : () => answer);
    return this;
  }

  sent(method: string): RequestOptions[] {
    return this.requests.filter((r) => (r.method ?? 'GET') === method);
  }

  async request<T>(options: RequestOptions): Promise<T> {
    return structuredClone(await this.#answer(options)) as T;
  }

  async requestText(options: RequestOptions): Promise<string> {
    return String(await this.#answer(options));
  }

  async stream(options: RequestOptions): Promise<AsyncIterable<Uint8Array>> {
    const chunks = (await this.#answer(options)) as Iterable<unknown> | AsyncIterable<unknown>;
    return (async function* () {
      for await (const chunk of chunks) {
        if (chunk instanceof Error) throw chunk;
        yield Buffer.from(typeof chunk === 'string' ? chunk : `${JSON.stringify(chunk)}\n`);
      }
    })();
  }

  watch<T>(): WatchStream<T> {
    throw new Error('kubectl watches with stream');
  }

  /** Answered from the table as `CONNECT /path`, with what `openCommandStream` and `openPortForward` take. */
  async connect({ path, query }: ConnectOptions): Promise<MessageSocket> {
    return (await this.#answer({ path, query } as RequestOptions, 'CONNECT')) as MessageSocket;
  }

  async close(): Promise<void> {}

  async #answer(options: RequestOptions, method: string = options.method ?? 'GET'): Promise<unknown> {
    this.requests.push(options);
    const watching = options.query?.['watch'] === true ? 'WATCH' : method;
    const handler = this.#answers.get(`${watching} ${options.path}`);
    const [name = '', plural = ''] = options.path.split('/').reverse();
    if (handler === undefined) throw newNotFound({ group: '', resource: plural }, name);
    const answer: unknown = await handler(options);
    if (answer instanceof Error) throw answer;
    return answer;
  }
}
