import type * as Grpc from '@grpc/grpc-js';
import { addressOf } from '../lifecycle/http-target.ts';

/** What grpc.health.v1.Health.Check has answered, or why there is no answer. Never fails: each failure is one of the probe. */
export interface HealthAnswer {
  healthy: boolean;
  message: string;
}

const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
const serving = 1;
const method = '/grpc.health.v1.Health/Check';

const channelOptions = {
  'grpc.primary_user_agent': 'kube-probe/1.36',
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.max_receive_message_length': 64 * 1024,
  'grpc.initial_reconnect_backoff_ms': 100,
};

/** Asks one server once over a connection of its own, in the clear. `signal` is the probe's timeout, `timeoutSeconds` stands in its text. */
export async function checkHealth(host: string, port: number, service: string, timeoutSeconds: number, signal: AbortSignal): Promise<HealthAnswer> {
  const grpc = await import('@grpc/grpc-js');
  const address = addressOf(host, port);
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), channelOptions);
  try {
    return await check(grpc, client, { address, service, timeoutSeconds }, signal);
  } finally {
    client.close();
  }
}

interface Question {
  address: string;
  service: string;
  timeoutSeconds: number;
}

function check(grpc: typeof Grpc, client: Grpc.Client, { address, service, timeoutSeconds }: Question, signal: AbortSignal): Promise<HealthAnswer> {
  const { promise, resolve } = Promise.withResolvers<HealthAnswer>();
  const metadata = new grpc.Metadata({ waitForReady: true });
  const answered = (error: Grpc.ServiceError | null, status?: number): void => {
    signal.removeEventListener('abort', abort);
    resolve(error ? failure(grpc, error) : verdictOf(status ?? 0));
  };
  const call = client.makeUnaryRequest(method, encodeRequest, decodeStatus, service, metadata, answered);
  const abort = (): void => {
    const connected = client.getChannel().getConnectivityState(false) === grpc.connectivityState.READY;
    const connecting = `timeout: failed to connect service ${JSON.stringify(address)} within ${timeoutSeconds}s: context deadline exceeded`;
    resolve({ healthy: false, message: connected ? `timeout: health rpc did not complete within ${timeoutSeconds}s` : connecting });
    call.cancel();
  };
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  return promise;
}

function verdictOf(status: number): HealthAnswer {
  if (status === serving) return { healthy: true, message: 'service healthy' };
  const name = servingStatuses[status] ?? String(status);
  return { healthy: false, message: `service unhealthy (responded with ${JSON.stringify(name)})` };
}

function failure(grpc: typeof Grpc, { code, details }: Grpc.ServiceError): HealthAnswer {
  if (code === grpc.status.UNIMPLEMENTED) {
    return { healthy: false, message: `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${details}` };
  }
  return { healthy: false, message: `error: health rpc probe failed: rpc error: code = ${codeName(grpc, code)} desc = ${details}` };
}

/** `NotFound` of NOT_FOUND. */
function codeName(grpc: typeof Grpc, code: number): string {
  const words = (grpc.status[code] ?? 'UNKNOWN').toLowerCase().split('_');
  return words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('');
}

/** HealthCheckRequest: `service` is the string field 1. */
function encodeRequest(service: string): Buffer {
  if (service === '') return Buffer.alloc(0);
  const text = Buffer.from(service);
  return Buffer.concat([Buffer.from([0x0a]), varint(text.length), text]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

/** HealthCheckResponse: `status` is the enum field 1; what else a newer server sends is after it and is not read. */
function decodeStatus(bytes: Buffer): number {
  if (bytes.length === 0) return 0;
  if (bytes[0] !== 0x08 || bytes[1] === undefined || bytes[1] > 127) throw new Error('malformed HealthCheckResponse');
  return bytes[1];
}
