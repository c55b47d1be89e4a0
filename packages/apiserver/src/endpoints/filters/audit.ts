import type { Request, RequestHandler, Response } from 'express';
import type { Status } from '@podling/shared/api';
import { checkNesting } from '@podling/shared/scheme';
import { auditEvent } from '../audit/audit-event.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { AuditPolicy, AuditStage } from '../audit/audit-policy.ts';
import { isReadOnly, isLongRunning } from '../request-attributes.ts';
import { bodyBytes } from '../parse-body.ts';
import { contextOf } from '../request-context.ts';

export interface Auditing {
  policy: AuditPolicy;
  log: AuditLog;
}

/** Undefined for what cannot be written into a record: a value may be nested deeper than JSON can be made of it again. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    checkNesting(value);
    return value;
  } catch {
    return undefined;
  }
}

/** Bytes of an answer that are kept for its record. */
const longestRecordedBytes = 1024 * 1024;

/** Collects what `response` sends, uncompressed. */
function recordBody(request: Request, response: Response): () => unknown {
  delete request.headers['accept-encoding'];
  const chunks: Buffer[] = [];
  let length = 0;
  const end = response.end.bind(response);
  response.end = ((chunk?: unknown, ...rest: unknown[]) => {
    if (Buffer.isBuffer(chunk) && (length += chunk.length) <= longestRecordedBytes) chunks.push(chunk);
    return (end as (...all: unknown[]) => Response)(chunk, ...rest);
  }) as Response['end'];
  return () => parsed(Buffer.concat(chunks).toString('utf8'));
}

/** Calls `listener` when the head of the answer has gone out. */
function onceStarted(response: Response, listener: () => void): void {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = ((...parameters: Parameters<typeof writeHead>) => {
    writeHead(...parameters);
    listener();
    return response;
  }) as Response['writeHead'];
}

const present = (name: string, value: unknown): object => (value === undefined ? {} : { [name]: value });

/**
 * Records each request as it comes and when its answer is complete, what lasts also when its answer has begun, as far as
 * the policy wants. Bodies that are no JSON, or past 1 MiB, are left out. Upstream twin: `WithAudit`.
 */
export function auditFilter({ policy, log }: Auditing): RequestHandler {
  return (request, response, next) => {
    const { info, knownUser } = contextOf(request);
    const { level, omits } = policy.decide(knownUser, info);
    if (level === 'None') return next();
    const record = (stage: AuditStage, more: object = {}, failure?: Status): void => {
      if (!omits(stage)) log.write({ ...auditEvent(stage, level, { request, response, failure }), ...more });
    };
    record('RequestReceived');
    if (isLongRunning(info)) onceStarted(response, () => record('ResponseStarted'));
    const takeBody = level === 'RequestResponse' && !isLongRunning(info) ? recordBody(request, response) : () => undefined;
    response.once('close', () => {
      const responseObject = takeBody();
      const failure = response.statusCode >= 400 ? (responseObject as Status | undefined) : undefined;
      const withRequest = (level === 'Request' || level === 'RequestResponse') && !isReadOnly(info);
      const requestObject = withRequest ? parsed(bodyBytes(request).toString('utf8')) : undefined;
      record('ResponseComplete', { ...present('requestObject', requestObject), ...present('responseObject', responseObject) }, failure);
    });
    next();
  };
}
