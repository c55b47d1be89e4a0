import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { handleUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { loadServices } from '../../v1/index.ts';
import type { ContainerEventResponse, ImageMethods, RuntimeMethods, Sent } from '../../v1/index.ts';

type Methods = RuntimeMethods & ImageMethods;
type Answer = 'never' | { code: status; details: string } | object;
/** Answers by call: a message that may lack what it should have, an error, or none at all. */
export type Script = { [Call in keyof Methods]?: Answer | ((request: Methods[Call]['request']) => Answer) };

export interface ScriptedRuntime {
  endpoint: string;
  script: Script;
  /** Names of the calls that came. */
  calls: string[];
  /** Those who read events. */
  readers: ServerWritableStream<object, Sent<ContainerEventResponse>>[];
  start(): Promise<void>;
  /** As a kill: connections break. */
  kill(): void;
}

/** A CRI runtime that answers as it is told to, on a socket of its own. */
export function scriptedRuntime(script: Script = {}): ScriptedRuntime {
  const path = join(tmpdir(), `podling-cri-${randomUUID()}.sock`);
  let server: Server | undefined;
  const runtime: ScriptedRuntime = {
    endpoint: `unix://${path}`,
    script,
    calls: [],
    readers: [],
    start: async () => {
      server = serverOf(runtime);
      await bind(server, path);
    },
    kill: () => {
      server?.forceShutdown();
      runtime.readers.length = 0;
      rmSync(path, { force: true });
    },
  };
  return runtime;
}

function serverOf(runtime: ScriptedRuntime): Server {
  const server = new Server({ 'grpc.max_send_message_length': -1 });
  for (const service of Object.values(loadServices())) {
    const calls = Object.keys(service).map((call) => [call, call === 'GetContainerEvents' ? eventsOf(runtime) : unary(runtime, call as keyof Methods)]);
    server.addService(service, Object.fromEntries(calls) as Record<string, handleUnaryCall<object, object>>);
  }
  return server;
}

function unary(runtime: ScriptedRuntime, call: keyof Methods): handleUnaryCall<object, object> {
  return ({ request }, answer) => {
    runtime.calls.push(call);
    const scripted = runtime.script[call] as Answer | ((request: object) => Answer) | undefined;
    const given = typeof scripted === 'function' ? scripted(request) : scripted;
    if (given === 'never') return;
    if (given === undefined) answer({ code: status.UNIMPLEMENTED, details: `unknown method ${call}` });
    else if ('details' in given) answer(given);
    else answer(null, given);
  };
}

function eventsOf(runtime: ScriptedRuntime): (stream: ServerWritableStream<object, Sent<ContainerEventResponse>>) => void {
  return (stream) => {
    runtime.calls.push('GetContainerEvents');
    stream.on('error', () => undefined);
    runtime.readers.push(stream);
  };
}

function bind(server: Server, path: string): Promise<number> {
  return new Promise((resolve, reject) => server.bindAsync(`unix://${path}`, ServerCredentials.createInsecure(), (error, port) => (error === null ? resolve(port) : reject(error))));
}
