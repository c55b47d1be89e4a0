import { ContainerdClient, criErrorOf } from '../containerd/containerd-client.ts';
import { timestampMs } from '../containerd/containerd-types.ts';
import type { Any, Timestamp } from '../containerd/containerd-types.ts';
import { commandLine } from '@podling/shared/process';
import { CriError } from '../cri.ts';
import { ImageTools } from './image-tools.ts';
import { Nerdctl } from './nerdctl.ts';
import type { NerdctlOptions } from './nerdctl.ts';
import { taskMetrics } from './task-metrics.ts';
import type { TaskMetrics } from './task-metrics.ts';

export interface Blob {
  digest: string;
  sizeBytes: number;
  createdAtMs: number;
  labels: Record<string, string>;
}

/** Something that is being written into the content store. */
export interface Ingest {
  /** `layer-sha256:…`, `manifest-…`. */
  ref: string;
  bytes: number;
  /** 0 when nobody knows. */
  totalBytes: number;
}

export interface Plugin {
  type: string;
  id: string;
  platforms: string[];
  /** Why it does not work; undefined when it does. */
  error: string | undefined;
}

export interface TaskProcess {
  pid: number;
  command: string;
}

const CONTENT_DEADLINE_MS = 60 * 60_000;

/** containerd's own things, which CRI has no words for: what people look at and change by hand. */
export class ContainerdTools {
  readonly images: ImageTools;
  readonly #client: ContainerdClient;

  constructor(options: NerdctlOptions) {
    this.#client = new ContainerdClient(options);
    this.images = new ImageTools(this.#client, new Nerdctl(options));
  }

  /** Fails with `Unimplemented` where it is no containerd that answers. */
  async reach(options: { deadlineMs: number; signal: AbortSignal }): Promise<void> {
    await this.#client.call('version', 'version', {}, options);
  }

  async namespaces(): Promise<{ name: string; labels: Record<string, string> }[]> {
    const { namespaces } = await this.#client.call<{ namespaces: { name: string; labels: Record<string, string> }[] }>('namespaces', 'list', {});
    return namespaces.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  async createNamespace(name: string, labels: Record<string, string>): Promise<void> {
    await this.#client.call('namespaces', 'create', { namespace: { name, labels } });
  }

  /** Fails for one that holds something. */
  async removeNamespace(name: string): Promise<void> {
    await this.#client.call('namespaces', 'delete', { name });
  }

  async plugins(): Promise<Plugin[]> {
    interface Message { type: string; id: string; platforms: { os: string; architecture: string; variant: string }[]; initErr: { message: string } | null }
    const { plugins } = await this.#client.call<{ plugins: Message[] }>('introspection', 'plugins', {});
    return plugins.map(({ type, id, platforms, initErr }) => ({
      type, id, error: initErr?.message,
      platforms: platforms.map(({ os, architecture, variant }) => [os, architecture, variant].filter((part) => part !== '').join('/')),
    }));
  }

  async blobs(): Promise<Blob[]> {
    interface Message { info: { digest: string; size: string; createdAt: Timestamp | null; labels: Record<string, string> }[] }
    const found: Blob[] = [];
    for await (const { info } of this.#stream<Message>('list', {})) {
      found.push(...info.map(({ digest, size, createdAt, labels }) => ({ digest, sizeBytes: Number(size), createdAtMs: timestampMs(createdAt), labels })));
    }
    return found.toSorted((one, other) => (one.digest < other.digest ? -1 : 1));
  }

  /** Its bytes. Fails with `NotFound`. */
  async *blob(digest: string): AsyncGenerator<Uint8Array> {
    for await (const { data } of this.#stream<{ data: Uint8Array }>('read', { digest })) yield data;
  }

  async ingests(): Promise<Ingest[]> {
    const { statuses } = await this.#client.call<{ statuses: { ref: string; offset: string; total: string }[] }>('content', 'listStatuses', {});
    return statuses.map(({ ref, offset, total }) => ({ ref, bytes: Number(offset), totalBytes: Number(total) }));
  }

  async pause(containerId: string): Promise<void> {
    await this.#client.call('tasks', 'pause', { containerId });
  }

  async resume(containerId: string): Promise<void> {
    await this.#client.call('tasks', 'resume', { containerId });
  }

  async metrics(containerId: string): Promise<TaskMetrics> {
    const { metrics } = await this.#client.call<{ metrics: { id: string; data: Any | null }[] }>('tasks', 'metrics', { filters: [`id==${containerId}`] });
    const data = metrics.find(({ id }) => id === containerId)?.data;
    const message = data ? this.#client.decode<Parameters<typeof taskMetrics>[0]>(data) : undefined;
    if (message === undefined) throw new CriError('NotFound', `container ${containerId} has no task that is measured`);
    return taskMetrics(message);
  }

  /** Every process of the container, as the node counts them. */
  async processes(containerId: string): Promise<TaskProcess[]> {
    const { processes } = await this.#client.call<{ processes: { pid: number }[] }>('tasks', 'listPids', { containerId });
    // One that has ended meanwhile has none.
    return processes.map(({ pid }) => ({ pid, command: commandLine(pid).join(' ') })).filter(({ command }) => command !== '');
  }

  close(): void {
    this.#client.close();
  }

  async *#stream<Message>(method: string, request: object): AsyncGenerator<Message> {
    try {
      yield* this.#client.stream('content', method, request, { deadlineMs: CONTENT_DEADLINE_MS }) as AsyncIterable<Message>;
    } catch (error) {
      throw criErrorOf(error as Parameters<typeof criErrorOf>[0], `content.${method}`, this.#client.address);
    }
  }
}
