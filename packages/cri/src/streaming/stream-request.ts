import type { Duplex } from 'node:stream';
import type { AttachRequest, StreamSession } from '../cri.ts';

/** The streams of a command: what the client has asked for, and how to come by the process. */
export interface CommandRequest {
  kind: 'exec' | 'attach';
  streams: AttachRequest;
  open: () => Promise<StreamSession>;
}

/** Connections into a pod. */
export interface ForwardRequest {
  kind: 'portforward';
  dial: (port: number) => Promise<Duplex>;
  /** For clients that name their ports beforehand, as the v4 channel form does; others name one with each connection. */
  ports: readonly number[];
}

/** What a client asks an upgrade for. */
export type StreamRequest = CommandRequest | ForwardRequest;
