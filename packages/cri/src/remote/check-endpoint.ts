import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { systemClock } from '@podling/shared/util';
import type { RuntimeVersion } from '../cri.ts';
import { CriError } from '../cri.ts';
import { CriClient } from './cri-client.ts';
import { parseEndpoint } from './endpoint.ts';
import type { Target, TlsFiles } from './endpoint.ts';
import { tlsProblem } from './tls-problem.ts';
import { whoAnswers } from './who-answers.ts';

export type EndpointProblem =
  /** It names nothing that could be an endpoint. */
  | 'Invalid'
  /** Nothing is there, or nobody listens: the runtime may come. */
  | 'Missing'
  | 'Denied'
  /** Somebody listens and does not speak CRI v1. */
  | 'NotCri'
  /** Somebody listens and does not answer in time. */
  | 'Silent';

/** Why an endpoint cannot be used; the message names it and the fix. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
  readonly problem: EndpointProblem;
  /** Nothing is wrong but that the runtime is away. */
  readonly mayPass: boolean;

  constructor(problem: EndpointProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
    this.mayPass = problem === 'Missing' || problem === 'Silent';
  }
}

const timeoutMs = 5_000;

/** Asks the runtime at an endpoint for its version. Fails with {@link EndpointError}. */
export async function checkEndpoint(endpoint: string, tls?: TlsFiles): Promise<RuntimeVersion> {
  const target = parsed(endpoint, tls);
  await reach(endpoint, target);
  const client = new CriClient({ runtime: target, image: target, deadlineMs: timeoutMs, clock: systemClock });
  try {
    const { runtimeName, runtimeVersion, runtimeApiVersion } = await client.runtime('Version', {});
    return { runtimeName, runtimeVersion, runtimeApiVersion };
  } catch (error) {
    throw await explained(endpoint, target, error);
  } finally {
    client.close();
  }
}

function parsed(endpoint: string, tls: TlsFiles | undefined): Target {
  try {
    return parseEndpoint(endpoint, tls);
  } catch (error) {
    throw new EndpointError('Invalid', (error as Error).message, { cause: error });
  }
}

/** gRPC says of every failure to connect that the server is unavailable; the system says why. */
async function reach(endpoint: string, { place }: Target): Promise<void> {
  const error = await connection(place);
  if (error === undefined) return;
  throw 'path' in place ? await unreachableSocket(endpoint, place.path, error) : unreachableHost(endpoint, error);
}

function connection(place: Target['place']): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...place, signal: AbortSignal.timeout(timeoutMs) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', resolve);
  });
}

async function unreachableSocket(endpoint: string, path: string, cause: NodeJS.ErrnoException): Promise<EndpointError> {
  if (cause.code === 'ENOENT') return new EndpointError('Missing', `${endpoint}: there is no such socket: start the container runtime, or name the socket that it listens on`, { cause });
  if (cause.code === 'EACCES') return new EndpointError('Denied', `${endpoint}: permission denied: run as root, or as the socket's owner`, { cause });
  const file = await stat(path).catch(() => undefined);
  if (file?.isSocket() === false) return new EndpointError('NotCri', `${endpoint}: this is no socket but a ${file.isDirectory() ? 'folder' : 'file'}: name the socket that the container runtime listens on`, { cause });
  if (cause.code === 'ECONNREFUSED') return new EndpointError('Missing', `${endpoint}: connection refused: the socket is left over from a runtime that has ended, start it again`, { cause });
  return new EndpointError('Missing', `${endpoint}: ${cause.message}`, { cause });
}

function unreachableHost(endpoint: string, cause: NodeJS.ErrnoException): EndpointError {
  const fixes: Record<string, string> = {
    ECONNREFUSED: 'connection refused: nobody listens there; start the container runtime with that TCP address, or mend the address',
    ENOTFOUND: 'there is no such host: mend the address',
    ABORT_ERR: `it does not answer within ${timeoutMs / 1000} s: mend the address, or what is between here and there`,
  };
  return new EndpointError('Missing', `${endpoint}: ${fixes[cause.code ?? ''] ?? cause.message}`, { cause });
}

async function explained(endpoint: string, target: Target, cause: unknown): Promise<EndpointError> {
  const code = cause instanceof CriError ? cause.code : 'Unknown';
  if (code === 'DeadlineExceeded') return new EndpointError('Silent', `${endpoint}: it does not answer within ${timeoutMs / 1000} s: this is no CRI runtime, or one that hangs; restart it`, { cause });
  const tls = code === 'Unavailable' ? await tlsProblem(target, timeoutMs) : undefined;
  if (tls !== undefined) return new EndpointError('NotCri', `${endpoint}: ${tls}`, { cause });
  if (code !== 'Unimplemented') return new EndpointError('NotCri', `${endpoint}: it does not speak gRPC as expected: name the endpoint of a CRI runtime, with its TLS files if it takes them (${(cause as Error).message})`, { cause });
  const who = await whoAnswers(target, timeoutMs);
  const fixes = {
    containerd: "this is containerd with its CRI plugin off: take \"cri\" out of disabled_plugins in its configuration (/etc/containerd/config.toml) and restart it",
    v1alpha2: 'it speaks CRI v1alpha2 only: take containerd 1.6, CRI-O 1.20, cri-dockerd 0.3 or newer',
    other: 'it speaks gRPC and not CRI v1: name the endpoint of a CRI runtime',
  };
  return new EndpointError('NotCri', `${endpoint}: ${fixes[who]}`, { cause });
}
