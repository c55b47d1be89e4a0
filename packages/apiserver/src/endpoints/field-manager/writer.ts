import type { Request } from 'express';
import { formatTime } from '@podling/shared/api';
import type { FieldError } from '@podling/shared/api';
import { apiVersionOf } from '@podling/shared/scheme';
import type { Endpoint } from '../endpoint.ts';
import { newInvalidOption } from '../options.ts';
import type { OptionsKind } from '../options.ts';
import { contextOf } from '../request-context.ts';
import type { ManagedResource, Writer } from './field-manager.ts';

const maxManagerBytes = 128;
/** What Go's unicode.IsPrint refuses: controls, formats, surrogates, unassigned, and every space but the plain one. */
const unprintable = /[\p{C}\p{Z}]/u;

function isPrintable(character: string): boolean {
  return character === ' ' || !unprintable.test(character);
}

/** The first thing that keeps a text from being a manager's name. */
function faultOf(manager: string): FieldError | undefined {
  const field = 'fieldManager';
  if (Buffer.byteLength(manager) > maxManagerBytes) return { field, reason: 'FieldValueTooLong', message: `Too long: may not be more than ${maxManagerBytes} bytes` };
  const strange = Array.from(manager).find((character) => !isPrintable(character));
  if (strange === undefined) return undefined;
  const code = (strange.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const position = Buffer.byteLength(manager.slice(0, manager.indexOf(strange)));
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(manager)}: invalid character U+${code} (at position ${position})` };
}

/** The program's name at the start of a User-Agent, as far as it can be printed and fits. */
function managerOfUserAgent(userAgent: string): string {
  const [name = ''] = userAgent.split('/', 1);
  let result = '';
  for (const character of name) {
    if (!isPrintable(character)) continue;
    if (Buffer.byteLength(result + character) > maxManagerBytes) break;
    result += character;
  }
  return result;
}

/** Who writes: the `fieldManager` of the request, else its program. Throws 422 for a manager that cannot be one. */
export function writerOf({ info, services: { clock } }: Endpoint, request: Request, kind: OptionsKind): Writer {
  const named = contextOf(request).info.query.get('fieldManager') ?? '';
  const fault = faultOf(named);
  if (fault) throw newInvalidOption(kind, fault);
  const manager = named === '' ? managerOfUserAgent(String(request.headers['user-agent'] ?? '')) : named;
  return { manager, apiVersion: apiVersionOf(info), time: formatTime(new Date(clock.now())) };
}

/** As {@link writerOf}, for an apply, which has to name its manager. */
export function applierOf(endpoint: Endpoint, request: Request): Writer {
  const { query } = contextOf(request).info;
  if (query.get('fieldManager')) return writerOf(endpoint, request, 'PatchOptions');
  throw newInvalidOption('PatchOptions', { field: 'fieldManager', reason: 'FieldValueRequired', message: 'Required value: is required for apply patch' });
}

/** `force` is true for whatever is not `false` or `0`. */
export function isForced(request: Request): boolean {
  const force = contextOf(request).info.query.get('force');
  return force !== null && force !== '0' && force.toLowerCase() !== 'false';
}

/** Only an apply can be forced: throws 422. */
export function refuseForce(request: Request): void {
  if (!contextOf(request).info.query.has('force')) return;
  throw newInvalidOption('PatchOptions', { field: 'force', reason: 'FieldValueForbidden', message: 'Forbidden: may not be specified for non-apply patch' });
}

/** What is written, with the fields that its strategy resets. */
export function managedResourceOf(endpoint: Endpoint, subresource: string): ManagedResource {
  const store = endpoint.subresources[subresource] ?? endpoint.store;
  return { info: endpoint.info, subresource, resetFields: store.strategy.resetFields };
}
