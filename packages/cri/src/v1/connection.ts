import type { Duplex } from 'node:stream';
import type { AttachRequest, ExecRequest, StreamSession } from '../cri.ts';
import type { ContainerEventResponse, ImageMethods, RuntimeMethods, Sent } from './index.ts';

export interface CallLimits {
  /** Default: the connection's own. */
  deadlineMs?: number;
  signal?: AbortSignal;
}

/**
 * A container runtime in CRI's own messages, be it on the other end of a socket or in this process: for tools that show all
 * that a runtime says, and send it all that is in a file. What is received has every field. Calls fail with `CriError`, whose
 * cause is the runtime's gRPC error.
 */
export interface CriConnection {
  runtime<Call extends keyof RuntimeMethods>(call: Call, request: Sent<RuntimeMethods[Call]['request']>, limits?: CallLimits): Promise<RuntimeMethods[Call]['response']>;
  image<Call extends keyof ImageMethods>(call: Call, request: Sent<ImageMethods[Call]['request']>, limits?: CallLimits): Promise<ImageMethods[Call]['response']>;
  /** From now on, until `signal` aborts. Throws `Unavailable` when they can no longer be had, `Unimplemented` where there are none. */
  events(signal: AbortSignal): AsyncIterable<ContainerEventResponse>;
  exec(containerId: string, request: ExecRequest): Promise<StreamSession>;
  attach(containerId: string, request: AttachRequest): Promise<StreamSession>;
  portForward(sandboxId: string, port: number): Promise<Duplex>;
  close(): Promise<void>;
}
