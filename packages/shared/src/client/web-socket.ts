import { createRequire } from 'node:module';
import type { IncomingMessage } from 'node:http';

/** The part of `ws` that the watch uses (the package has no types of its own). */
export interface WebSocket {
  on(event: 'open' | 'ping' | 'pong', listener: () => void): this;
  on(event: 'message', listener: (data: Buffer) => void): this;
  on(event: 'close', listener: (code: number, reason: Buffer) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'unexpected-response', listener: (request: unknown, response: IncomingMessage) => void): this;
  ping(): void;
  close(code?: number): void;
  terminate(): void;
}

export interface WebSocketOptions {
  headers: Record<string, string>;
  perMessageDeflate: false;
  ca?: string;
  cert?: string;
  key?: string;
  rejectUnauthorized: boolean;
}

type WebSocketConstructor = new (url: string, options: WebSocketOptions) => WebSocket;

const require = createRequire(import.meta.url);
let loaded: WebSocketConstructor | undefined;

/** `ws` is loaded at the first watch: most command line runs never open one. */
export function openWebSocket(url: string, options: WebSocketOptions): WebSocket {
  loaded ??= (require('ws') as { WebSocket: WebSocketConstructor }).WebSocket;
  return new loaded(url, options);
}
