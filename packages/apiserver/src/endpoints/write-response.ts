import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { Document, Scalar, visit } from 'yaml';
import { ApiStatusError, newInternalError } from '@podling/shared/api';
import type { Negotiated } from './negotiate.ts';
import { clausesOf } from './quality.ts';
import { isTrue } from './request-info.ts';

const compress = promisify(gzip);
export const gzipThresholdBytes = 128 * 1024;

interface Answer {
  request: IncomingMessage;
  response: ServerResponse;
  code: number;
  encoding?: Negotiated['encoding'];
  /** Default `application/json`. */
  contentType?: string;
}

export function acceptsGzip({ headers }: IncomingMessage): boolean {
  const clauses = clausesOf(String(headers['accept-encoding'] ?? ''));
  const clause = clauses.find(({ value }) => value === 'gzip') ?? clauses.find(({ value }) => value === '*');
  return clause !== undefined && clause.quality > 0;
}

const forPeople = /^(?:curl|Wget|Mozilla\/5\.0)/;

/** `pretty` in the query decides, else whether a person looks at it. */
function isPretty({ url = '', headers }: IncomingMessage): boolean {
  const wanted = new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('pretty');
  return wanted ? isTrue(wanted) : forPeople.test(headers['user-agent'] ?? '');
}

function prettyJson(json: string): string {
  return `${JSON.stringify(JSON.parse(json), null, 2)}\n`;
}

/** Writes JSON that is already made, as text or as bytes. */
export async function writeJson(answer: Answer, json: string | Buffer): Promise<void> {
  const text = isPretty(answer.request) ? prettyJson(json.toString()) : json;
  await writeBytes(answer, typeof text === 'string' ? Buffer.from(text) : text);
}

/** Writes bytes as they are, but for gzip. */
export async function writeBytes({ request, response, code, contentType = 'application/json' }: Answer, body: Buffer): Promise<void> {
  if (body.length < gzipThresholdBytes || !acceptsGzip(request)) {
    response.writeHead(code, { 'Content-Type': contentType, 'Content-Length': body.length });
    response.end(body);
    return;
  }
  const packed = await compress(body, { level: 1 });
  response.appendHeader('Vary', 'Accept-Encoding');
  response.writeHead(code, { 'Content-Type': contentType, 'Content-Encoding': 'gzip', 'Content-Length': packed.length });
  response.end(packed);
}

/** What readers of YAML 1.1 would not take for text, or not take at all, and the writer leaves bare. */
// oxlint-disable-next-line no-control-regex -- a tab in a plain scalar is what this is about
const needsQuotes = /[\x00-\x1f]|^[=<]/;

/** YAML that those who read it as Go does, by version 1.1, read as it was meant: `"yes"`, `"12:30"`. */
function yamlText(json: string): string {
  const document = new Document(JSON.parse(json), { compat: 'yaml-1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, scalar) {
      if (typeof scalar.value === 'string' && !scalar.value.includes('\n') && needsQuotes.test(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0, indentSeq: false });
}

export async function writeObject(answer: Answer, body: unknown): Promise<void> {
  const json = JSON.stringify(body);
  if (answer.encoding !== 'yaml') return writeJson(answer, json);
  const yaml = Buffer.from(yamlText(json));
  answer.response.writeHead(answer.code, { 'Content-Type': answer.contentType ?? 'application/yaml', 'Content-Length': yaml.length });
  answer.response.end(yaml);
}

/** Any failure as the Status that goes over the wire. What is not an API error is our own fault: 500 without its text's trace. */
export function toStatusError(error: unknown): ApiStatusError {
  if (error instanceof ApiStatusError) return error;
  return newInternalError(error instanceof Error ? error.message : String(error), { cause: error });
}

/** A Status goes out even to a client that accepts nothing: then as JSON. */
function statusEncoding({ headers }: IncomingMessage): Negotiated['encoding'] {
  const [first] = clausesOf(headers.accept ?? '');
  return first?.value === 'application/yaml' ? 'yaml' : 'json';
}

export function writeStatus(response: ServerResponse, error: ApiStatusError): void {
  const { req: request } = response;
  const json = JSON.stringify(error.status);
  const encoding = statusEncoding(request);
  const body = Buffer.from(encoding === 'yaml' ? yamlText(json) : isPretty(request) ? prettyJson(json) : json);
  const wait = error.status.details?.retryAfterSeconds;
  response.writeHead(error.code, {
    'Content-Type': `application/${encoding}`,
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
