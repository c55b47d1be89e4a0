import type { Io } from '../io.ts';
import type { GetPrinter, GetPrinterOptions } from './printer.ts';

export type { GetPrinter, GetPrinterOptions } from './printer.ts';

export async function createGetPrinter(io: Io, options: GetPrinterOptions): Promise<GetPrinter> {
  const { output = '' } = options;
  if (output === '' || output === 'wide') return lateTablePrinter(io, options);
  const [{ createFormatter, GET_FORMATS }, { createDocumentPrinter }] = await Promise.all([import('./formatter.ts'), import('./document-printer.ts')]);
  return createDocumentPrinter(io, await createFormatter({ ...options, output }, GET_FORMATS), options);
}

/** Loaded while the server is at work: the request leaves before the event loop takes another turn. */
function lateTablePrinter(io: Io, options: GetPrinterOptions): GetPrinter {
  const printer = new Promise(setImmediate).then(async () => {
    const paint = io.color ? (await import('./paint.ts')).paintState : undefined;
    return (await import('./table-printer.ts')).createTablePrinter(io, options, paint);
  });
  return {
    wantsTable: true,
    print: async (...answer) => (await printer).print(...answer),
    end: async (complete) => (await printer).end(complete),
  };
}
