import { CommandError } from './errors.ts';
import { Failures } from './failures.ts';
import type { Factory } from './factory.ts';
import { fieldValidationOf } from './field-validation.ts';
import type { FieldValidation, ValidateOptions } from './field-validation.ts';
import { createResultPrinter } from './printers/result-printer.ts';
import type { PrintResult, ResultOptions } from './printers/result-printer.ts';
import type { AnyObject } from './resource/object.ts';
import { resourcePath } from './resource/rest-mapping.ts';
import type { RestMapping } from './resource/rest-mapping.ts';
import type { PatchType } from '@podling/shared/client';

/** `client` sends nothing; `server` lets the server do all but store. */
export type DryRun = 'none' | 'client' | 'server';

export interface WriteOptions extends ResultOptions, ValidateOptions {
  dryRun?: string;
  fieldManager?: string;
}

/** What every write of one command says to the server. */
export interface WriteQuery {
  fieldManager: string;
  fieldValidation?: FieldValidation;
  dryRun?: 'All';
  force?: boolean;
}

export interface Write {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  mapping: RestMapping;
  namespace: string | undefined;
  name?: string;
  subresource?: string | undefined;
  body: unknown;
  contentType?: PatchType | 'application/apply-patch+yaml';
}

/** One command that writes: what it says to the server, how it says what it did, and what failed. */
export interface Writing {
  factory: Factory;
  dryRun: DryRun;
  query: WriteQuery;
  print: PrintResult;
  failures: Failures;
}

/** Stands behind what was done. */
export const DRY_RUN_SUFFIXES: Record<DryRun, string> = { none: '', client: ' (dry run)', server: ' (server dry run)' };
const OLD_VALUES = new Map<string, DryRun>([['true', 'client'], ['false', 'none'], ['unchanged', 'client']]);

/** What `--dry-run` says; a value of old times is taken with a warning. */
export function dryRunOf(factory: Factory, value: string): DryRun {
  if (value === 'none' || value === 'client' || value === 'server') return value;
  const meant = OLD_VALUES.get(value);
  if (meant === undefined) throw new CommandError(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`);
  factory.warn(`--dry-run${value === 'unchanged' ? '' : `=${value}`} is deprecated and can be replaced with --dry-run=${meant}.`);
  return meant;
}

/** `fieldManager` is the command's own, used unless `--field-manager` names another. */
export async function beginWriting(factory: Factory, options: WriteOptions, fieldManager: string): Promise<Writing> {
  const dryRun = dryRunOf(factory, options.dryRun ?? 'none');
  const print = await createResultPrinter(factory.io, options, DRY_RUN_SUFFIXES[dryRun]);
  const query: WriteQuery = {
    fieldManager: options.fieldManager ?? fieldManager,
    fieldValidation: fieldValidationOf(options),
    ...(dryRun === 'server' ? { dryRun: 'All' } : {}),
  };
  return { factory, dryRun, query, print, failures: new Failures(factory) };
}

/** Sends one write and answers what the server made of it. */
export async function send({ factory, query }: { factory: Factory; query: Partial<WriteQuery> }, write: Write): Promise<AnyObject> {
  const { method, mapping, namespace, name, subresource, body, contentType } = write;
  const path = resourcePath(mapping, { namespace, name, ...(subresource === undefined ? {} : { subresource }) });
  const rest = await factory.client();
  return rest.request<AnyObject>({ method, path, query: { ...query }, body, ...(contentType === undefined ? {} : { contentType }) });
}
