import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { OutgoingHeaders } from './http-transport.ts';

/** The part of `ws` that clients use. */
export interface WebSocket {
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
  headers: OutgoingHeaders;
  perMessageDeflate: false;
  maxPayload?: number;
  ca?: string;
  cert?: string;
  key?: string;
  rejectUnauthorized?: boolean;
  /** Connects in place of what is said here of TLS. */
  agent?: Agent;
  servername?: string;
}

interface RequestHook {
  finishRequest?: (request: ClientRequest) => void;
  generateMask?: () => void;
}

type WebSocketConstructor = new (url: string, options: WebSocketOptions & RequestHook) => WebSocket;

let loaded: WebSocketConstructor | undefined;

/**
 * Masks keep who is in between and reads frames for requests from being led astray (RFC 6455, 10.3). Nobody reads what TLS
 * carries, and a mask of zeros costs neither side anything.
 */
const leaveZeros = (): void => undefined;

/** `ws` is loaded at the first use: most command line runs never open one. */
export function openWebSocket(url: string, options: WebSocketOptions & RequestHook): WebSocket {
  loaded ??= (process.getBuiltinModule('node:module').createRequire(import.meta.url)('ws') as { WebSocket: WebSocketConstructor }).WebSocket;
  return new loaded(url, url.startsWith('wss:') ? { ...options, generateMask: leaveZeros } : options);
}

/**
 * The same with subprotocols; `chosen` gives the server's choice once it is open. `ws` keeps to the RFC, by which a name
 * has no slash; Kubernetes' tunnel has one. So the header is written and read here.
 */
export function openWebSocketOffering(url: string, options: WebSocketOptions, protocols: readonly string[]): { socket: WebSocket; chosen: () => string } {
  let chosen = '';
  const finishRequest = (request: ClientRequest): void => {
    request.prependListener('upgrade', ({ headers }: IncomingMessage) => {
      chosen = headers['sec-websocket-protocol'] ?? '';
      delete headers['sec-websocket-protocol'];
    });
    request.end();
  };
  const headers = { ...options.headers, 'sec-websocket-protocol': protocols.join(',') };
  return { socket: openWebSocket(url, { ...options, headers, finishRequest }), chosen: () => chosen };
}
