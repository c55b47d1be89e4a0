import { CommandError } from './errors.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface ValidateOptions {
  /** True when the flag came without a value. */
  validate?: string | true;
}

const MODES = new Map<string, FieldValidation>([
  ['true', 'Strict'],
  ['strict', 'Strict'],
  ['warn', 'Warn'],
  ['false', 'Ignore'],
  ['ignore', 'Ignore'],
]);

/** What the server does about unknown and duplicate fields, as `--validate` says. */
export function fieldValidationOf({ validate = 'strict' }: ValidateOptions): FieldValidation {
  const mode = MODES.get(String(validate).toLowerCase());
  if (mode === undefined) throw new CommandError(`invalid - validate option "${validate}"; must be one of: strict (or true), warn, ignore (or false)`);
  return mode;
}
