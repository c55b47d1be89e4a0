import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { SpdyConnection } from '@podling/shared/spdy';
import type { Clock } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { TlsFiles } from './endpoint.ts';
import { nonsense } from './call-errors.ts';

const UPGRADE_MS = 30_000;
const MAX_REFUSAL_BYTES = 4_096;

export interface UpgradeOptions {
  /** Names of the protocol inside, in order of preference. */
  protocols: readonly string[];
  tls: TlsFiles | undefined;
  clock: Clock;
  /** Ends what has not been answered yet. */
  signal: AbortSignal;
}

/**
 * Opens a runtime's streaming URL. SPDY/3.1, since over WebSocket runtimes take no more than v4, which cannot end stdin.
 * Fails with `Unavailable` where nobody is, and with `Unknown` where what is there refuses.
 */
export function upgrade(call: string, url: string, { protocols, tls, clock, signal }: UpgradeOptions): Promise<SpdyConnection> {
  const target = parseUrl(call, url);
  return new Promise((resolve, reject) => {
    const request = open(target, protocols, tls, signal);
    const timer = clock.setTimeout(() => request.destroy(new CriError('DeadlineExceeded', `${call}: the streaming server did not answer within ${UPGRADE_MS} ms`)), UPGRADE_MS);
    request.on('error', (error) => {
      timer.cancel();
      reject(error instanceof CriError ? error : new CriError('Unavailable', `${call}: the streaming server at ${target.host} cannot be reached: ${error.message}`, { cause: error }));
    });
    request.on('upgrade', (response: IncomingMessage, socket: Duplex, head: Buffer) => {
      timer.cancel();
      if (response.headers.upgrade?.toLowerCase() === 'spdy/3.1') resolve(new SpdyConnection(socket, { role: 'client' }, head));
      else {
        socket.destroy();
        reject(nonsense(call, 'its streaming server speaks no SPDY/3.1'));
      }
    });
    request.on('response', (response) => {
      void refusal(response).then((text) => reject(new CriError('Unknown', `${call}: the streaming server refused: ${response.statusCode} ${text}`))).finally(() => timer.cancel());
    });
    request.end();
  });
}

function parseUrl(call: string, url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol)) throw nonsense(call, `its streaming URL is none: ${JSON.stringify(url.slice(0, 100))}`);
  return parsed;
}

function open(url: URL, protocols: readonly string[], tls: TlsFiles | undefined, signal: AbortSignal): ClientRequest {
  const headers = { Connection: 'Upgrade', Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': [...protocols] };
  const options: RequestOptions = { method: 'POST', headers, agent: false, signal };
  return url.protocol === 'http:' ? httpRequest(url, options) : httpsRequest(url, { ...options, ...(tls === undefined ? {} : { ca: readFileSync(tls.caFile) }) });
}

/** As much as comes in time. */
async function refusal(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > MAX_REFUSAL_BYTES) break;
    }
  } catch {
    // What has come is said.
  }
  response.destroy();
  return text.slice(0, MAX_REFUSAL_BYTES).trim();
}
