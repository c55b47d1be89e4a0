import type { Io } from '../io.ts';
import { createDocumentPrinter } from './document-printer.ts';
import type { GetPrinter, GetPrinterOptions } from './printer.ts';

export type { GetPrinter, GetPrinterOptions } from './printer.ts';

export async function createGetPrinter(io: Io, options: GetPrinterOptions): Promise<GetPrinter> {
  const { output = '' } = options;
  if (output === '' || output === 'wide') return (await import('./table-printer.ts')).createTablePrinter(io, options);
  const { createFormatter, GET_FORMATS } = await import('./formatter.ts');
  return createDocumentPrinter(io, await createFormatter({ ...options, output }, GET_FORMATS), options);
}
