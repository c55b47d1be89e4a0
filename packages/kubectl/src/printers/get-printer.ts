import type { Io } from '../io.ts';
import type { GetPrinter, GetPrinterOptions } from './printer.ts';

export type { GetPrinter, GetPrinterOptions } from './printer.ts';

export async function createGetPrinter(io: Io, options: GetPrinterOptions): Promise<GetPrinter> {
  const { output = '' } = options;
  if (output === '' || output === 'wide') return (await import('./table-printer.ts')).createTablePrinter(io, options);
  const [{ createFormatter, GET_FORMATS }, { createDocumentPrinter }] = await Promise.all([import('./formatter.ts'), import('./document-printer.ts')]);
  return createDocumentPrinter(io, await createFormatter({ ...options, output }, GET_FORMATS), options);
}
