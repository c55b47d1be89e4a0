import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { newStatusError } from '@podling/shared/api';
import type { ApiStatusError } from '@podling/shared/api';
import type { KubeletAnswer } from '../proxy/node-proxy.ts';
import { readRefusal } from '../proxy/read-refusal.ts';
import type { EndpointServices } from './endpoint.ts';

/** What the kubelet refuses, in its own words. */
async function toError(answer: KubeletAnswer): Promise<ApiStatusError> {
  const message = String(await readRefusal(answer.body)).trim() || `the kubelet answered ${answer.code}`;
  const reason = answer.code === 404 ? 'NotFound' : answer.code < 500 ? 'BadRequest' : 'InternalError';
  return newStatusError({ code: answer.code, reason, message });
}

/** Streams the kubelet's answer to the client; either end may stop it. Throws what the kubelet refuses. */
export async function relay(answer: KubeletAnswer, response: Response): Promise<void> {
  if (answer.code >= 400) throw await toError(answer);
  response.writeHead(answer.code, { 'Content-Type': answer.contentType, 'X-Content-Type-Options': 'nosniff' });
  response.flushHeaders();
  await pipeline(answer.body, response).catch(() => response.destroy());
}

/** Aborts when the client goes or the server stops. */
export function abandonedBy(response: Response, { stopping }: EndpointServices): AbortSignal {
  const gone = new AbortController();
  if (response.destroyed) gone.abort();
  response.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, stopping]);
}
