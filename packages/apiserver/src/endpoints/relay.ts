import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { newStatusError } from '@podling/shared/api';
import type { ApiStatusError } from '@podling/shared/api';
import type { KubeletAnswer } from '../proxy/node-proxy.ts';
import type { EndpointServices } from './endpoint.ts';

/** What is read of a refusal: a kubelet must not fill our memory. */
const longestRefusalBytes = 16 * 1024;

async function refusalText({ body }: KubeletAnswer): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= longestRefusalBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, longestRefusalBytes).toString('utf8').trim();
}

/** What the kubelet refuses, in its own words. */
async function toError(answer: KubeletAnswer): Promise<ApiStatusError> {
  const message = await refusalText(answer) || `the kubelet answered ${answer.code}`;
  const reason = answer.code === 404 ? 'NotFound' : answer.code < 500 ? 'BadRequest' : 'InternalError';
  return newStatusError({ code: answer.code, reason, message });
}

/** Streams the kubelet's answer to the client; either end may stop it. Throws what the kubelet refuses. */
export async function relay(answer: KubeletAnswer, response: Response): Promise<void> {
  if (answer.code >= 400) throw await toError(answer);
  response.writeHead(answer.code, { 'Content-Type': answer.contentType, 'X-Content-Type-Options': 'nosniff' });
  response.flushHeaders();
  await pipeline(Readable.from(answer.body), response).catch(() => response.destroy());
}

/** Aborts when the client goes or the server stops. */
export function abandonedBy(response: Response, { stopping }: EndpointServices): AbortSignal {
  const gone = new AbortController();
  if (response.destroyed) gone.abort();
  response.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, stopping]);
}
