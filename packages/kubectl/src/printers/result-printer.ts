import type { Io } from '../io.ts';
import type { AnyObject } from '../resource/object.ts';
import { createFormatter } from './formatter.ts';
import { groupKindOf } from './object.ts';

export interface ResultOptions {
  output?: string;
  template?: string;
  showManagedFields?: boolean;
  allowMissingTemplateKeys?: boolean;
}

/** Says what was done to an object: `pod/web created`, or the object as `-o` wants it. */
export type PrintResult = (object: AnyObject, operation: string) => Promise<void>;

/** `suffix` stands behind what was done: ` (dry run)`. */
export async function createResultPrinter(io: Io, { output = '', ...options }: ResultOptions, suffix: string): Promise<PrintResult> {
  const { template, showManagedFields = false, allowMissingTemplateKeys = true } = options;
  const format = output === '' ? undefined : await createFormatter({ output, template, showManagedFields, allowMissingTemplateKeys });
  return async (object, operation) => {
    const said = operation === '' ? '' : ` ${operation}${suffix}`;
    const text = format === undefined ? `${groupKindOf(object)}/${object.metadata?.name ?? '<unknown>'}${said}\n` : await format(object);
    io.out(text);
  };
}
