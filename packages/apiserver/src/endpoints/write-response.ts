import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { ApiStatusError, newInternalError } from '@podling/shared/api';
import type { Negotiated } from './negotiate.ts';

const compress = promisify(gzip);
const gzipThresholdBytes = 128 * 1024;

interface Answer {
  request: IncomingMessage;
  response: ServerResponse;
  code: number;
  encoding?: Negotiated['encoding'];
  /** Default `application/json`. */
  contentType?: string;
}

function acceptsGzip(request: IncomingMessage): boolean {
  return /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
}

/** Writes JSON that is already made, as text or as bytes. */
export async function writeJson({ request, response, code, contentType = 'application/json' }: Answer, json: string | Buffer): Promise<void> {
  const body = typeof json === 'string' ? Buffer.from(json) : json;
  if (body.length < gzipThresholdBytes || !acceptsGzip(request)) {
    response.writeHead(code, { 'Content-Type': contentType, 'Content-Length': body.length });
    response.end(body);
    return;
  }
  const packed = await compress(body, { level: 1 });
  response.writeHead(code, { 'Content-Type': contentType, 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding', 'Content-Length': packed.length });
  response.end(packed);
}

export async function writeObject(answer: Answer, body: unknown): Promise<void> {
  const json = JSON.stringify(body);
  if (answer.encoding !== 'yaml') return writeJson(answer, json);
  const yaml = Buffer.from(stringify(JSON.parse(json), { aliasDuplicateObjects: false }));
  answer.response.writeHead(answer.code, { 'Content-Type': 'application/yaml', 'Content-Length': yaml.length });
  answer.response.end(yaml);
}

/** Any failure as the Status that goes over the wire. What is not an API error is our own fault: 500 without its text's trace. */
export function toStatusError(error: unknown): ApiStatusError {
  if (error instanceof ApiStatusError) return error;
  return newInternalError(error instanceof Error ? error.message : String(error), { cause: error });
}

export function writeStatus(response: ServerResponse, error: ApiStatusError): void {
  const body = Buffer.from(JSON.stringify(error.status));
  const wait = error.status.details?.retryAfterSeconds;
  response.writeHead(error.code, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    ...(wait === undefined ? {} : { 'Retry-After': String(wait) }),
  });
  response.end(body);
}

export function writeText(response: ServerResponse, code: number, text: string): void {
  const body = Buffer.from(text);
  response.writeHead(code, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': body.length, 'X-Content-Type-Options': 'nosniff' });
  response.end(body);
}
