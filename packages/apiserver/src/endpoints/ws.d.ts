/** The part of ws 8 that this package uses; the package carries no types of its own. */
declare module 'ws' {
  import type { EventEmitter } from 'node:events';
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';

  export class WebSocket extends EventEmitter {
    constructor(address: string, options?: { headers?: Record<string, string>; perMessageDeflate?: boolean; [tls: string]: unknown });
    readonly readyState: 0 | 1 | 2 | 3;
    readonly bufferedAmount: number;
    send(data: string | Uint8Array, options?: { binary?: boolean }, callback?: (error?: Error) => void): void;
    ping(): void;
    pause(): void;
    close(code?: number, reason?: string): void;
    terminate(): void;
  }
  export class WebSocketServer extends EventEmitter {
    constructor(options: { noServer: true; perMessageDeflate: boolean; maxPayload: number; clientTracking: boolean });
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array, callback: (socket: WebSocket) => void): void;
    close(): void;
  }
}
