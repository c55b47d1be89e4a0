import { WebSocket } from 'ws';
import { AsyncQueue } from '@podling/shared/util';
import type { KubeObject, Status } from '@podling/shared/api';

export interface SeenEvent {
  type: string;
  object: KubeObject & Partial<Status> & Record<string, unknown>;
}

/** A watch as a client has it, over either transport. */
export interface OpenWatch {
  /** The next event; undefined once the server has ended the watch. */
  next(): Promise<SeenEvent | undefined>;
  close(): void;
}

function fromQueue(queue: AsyncQueue<SeenEvent>, close: () => void): OpenWatch {
  const events = queue[Symbol.asyncIterator]();
  return {
    async next() {
      const { value, done } = await events.next();
      return done ? undefined : value;
    },
    close,
  };
}

async function chunked(url: string): Promise<OpenWatch> {
  const stopped = new AbortController();
  const response = await fetch(url, { signal: stopped.signal });
  const queue = new AsyncQueue<SeenEvent>();
  const read = async (): Promise<void> => {
    let rest = '';
    for await (const chunk of response.body ?? []) {
      const lines = (rest + Buffer.from(chunk).toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) queue.push(JSON.parse(line) as SeenEvent);
    }
  };
  void read().catch(() => undefined).then(() => queue.end());
  return fromQueue(queue, () => stopped.abort());
}

async function webSocket(url: string): Promise<OpenWatch> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { perMessageDeflate: false });
  const queue = new AsyncQueue<SeenEvent>();
  socket.on('message', (data: Buffer) => queue.push(JSON.parse(data.toString('utf8')) as SeenEvent));
  socket.once('close', () => queue.end());
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('open', resolve);
  socket.once('error', reject);
  await promise;
  return fromQueue(queue, () => socket.close());
}

export const transports = { chunked, websocket: webSocket } as const;

export type Transport = keyof typeof transports;
