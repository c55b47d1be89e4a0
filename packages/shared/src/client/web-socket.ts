import { createRequire } from 'node:module';
import type { IncomingMessage } from 'node:http';

/** The part of `ws` that clients use. */
export interface WebSocket {
  /** What the server chose of the protocols offered; empty before the handshake has ended. */
  readonly protocol: string;
  /** Bytes that are on their way to the kernel. */
  readonly bufferedAmount: number;
  on(event: 'open' | 'ping' | 'pong', listener: () => void): this;
  on(event: 'message', listener: (data: Buffer) => void): this;
  on(event: 'close', listener: (code: number, reason: Buffer) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'unexpected-response', listener: (request: unknown, response: IncomingMessage) => void): this;
  send(data: Buffer, options: { binary: true }, callback: (error?: Error | null) => void): void;
  ping(): void;
  pause(): void;
  resume(): void;
  close(code?: number): void;
  terminate(): void;
}

export interface WebSocketOptions {
  headers: Record<string, string>;
  perMessageDeflate: false;
  maxPayload?: number;
  ca?: string;
  cert?: string;
  key?: string;
  rejectUnauthorized: boolean;
}

type WebSocketConstructor = new (url: string, protocols: readonly string[], options: WebSocketOptions) => WebSocket;

const require = createRequire(import.meta.url);
let loaded: WebSocketConstructor | undefined;

/** `ws` is loaded at the first use: most command line runs never open one. */
export function openWebSocket(url: string, options: WebSocketOptions, protocols: readonly string[] = []): WebSocket {
  loaded ??= (require('ws') as { WebSocket: WebSocketConstructor }).WebSocket;
  return new loaded(url, protocols, options);
}
