import type { Request } from 'express';
import { newBadRequest } from '@podling/shared/api';
import { DecodeError, DeleteOptionsSchema, decode } from '@podling/shared/scheme';
import type { DeleteOptions } from '@podling/shared/scheme';
import type { DeleteRequest } from '../registry/rest/strategy.ts';
import { isDryRun, newInvalidOption, signedParameter } from './options.ts';
import { bodyBytes, readBody } from './parse-body.ts';
import { contextOf } from './request-context.ts';
import { isTrue } from './request-info.ts';

type Policy = NonNullable<DeleteRequest['propagationPolicy']>;

const policies = new Set<unknown>(['Foreground', 'Background', 'Orphan'] satisfies Policy[]);
/** What an int32 holds, 68 years: a deadline later than that has no date. */
const longestGraceSeconds = 2 ** 31 - 1;

function decodeBody(request: Request): DeleteOptions {
  const { value } = readBody(request);
  if (Array.isArray(value) || (typeof value !== 'object' && value !== undefined)) {
    throw newBadRequest("couldn't get version/kind; json parse error: the body is not an object of kind DeleteOptions");
  }
  try {
    const { object } = decode(DeleteOptionsSchema, value);
    const { kind = '', apiVersion = '' } = object;
    if (kind === '' || kind === 'DeleteOptions') return object;
    throw newBadRequest(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} as options of a delete`);
  } catch (cause) {
    throw cause instanceof DecodeError ? newBadRequest(cause.message, { cause }) : cause;
  }
}

function fromQuery(query: URLSearchParams): DeleteOptions {
  const gracePeriodSeconds = signedParameter(query, 'gracePeriodSeconds');
  const propagationPolicy = query.get('propagationPolicy') || undefined;
  const orphans = query.get('orphanDependents');
  return {
    dryRun: query.getAll('dryRun'),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(orphans === null ? {} : { orphanDependents: isTrue(orphans) }),
  };
}

function policyOf({ propagationPolicy: policy, orphanDependents }: DeleteOptions): Policy | undefined {
  const field = 'propagationPolicy';
  if (policy !== undefined && orphanDependents !== undefined) {
    const message = `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`;
    throw newInvalidOption('DeleteOptions', { field, reason: 'FieldValueInvalid', message });
  }
  if (policy !== undefined && !policies.has(policy)) {
    const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`;
    throw newInvalidOption('DeleteOptions', { field, reason: 'FieldValueNotSupported', message });
  }
  return orphanDependents ? 'Orphan' : policy as Policy | undefined;
}

function graceOf({ gracePeriodSeconds: seconds }: DeleteOptions): number | undefined {
  if (seconds === undefined || seconds <= longestGraceSeconds) return seconds;
  const message = `Invalid value: ${seconds}: must be less than or equal to ${longestGraceSeconds}`;
  throw newInvalidOption('DeleteOptions', { field: 'gracePeriodSeconds', reason: 'FieldValueInvalid', message });
}

/** DeleteOptions: the body's, or the query's where there is no body. Throws 400 and 422. */
export function deleteRequestOf(request: Request): DeleteRequest & { dryRun: boolean } {
  return deleteRequestFrom(bodyBytes(request).length > 0 ? decodeBody(request) : fromQuery(contextOf(request).info.query));
}

/** Throws 422. */
export function deleteRequestFrom(options: DeleteOptions): DeleteRequest & { dryRun: boolean } {
  const dryRun = isDryRun(options.dryRun ?? [], 'DeleteOptions');
  const { preconditions } = options;
  return { dryRun, propagationPolicy: policyOf(options), gracePeriodSeconds: graceOf(options), ...(preconditions ? { preconditions } : {}) };
}
