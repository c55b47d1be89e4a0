import type { Io } from '../io.ts';
import type { GetPrinter, GetPrinterOptions } from './printer.ts';

export type { GetPrinter, GetPrinterOptions } from './printer.ts';

/** Of which nothing can be wrong. */
const PLAIN_FORMATS = ['json', 'name', 'yaml'];

export async function createGetPrinter(io: Io, options: GetPrinterOptions): Promise<GetPrinter> {
  const { output = '' } = options;
  if (output === '' || output === 'wide') return latePrinter(true, async () => (await import('./table-printer.ts')).createTablePrinter(io, options));
  const load = (): Promise<GetPrinter> => documentPrinter(io, output, options);
  return PLAIN_FORMATS.includes(output) ? latePrinter(false, load) : load();
}

async function documentPrinter(io: Io, output: string, options: GetPrinterOptions): Promise<GetPrinter> {
  const [{ createFormatter, GET_FORMATS }, { createDocumentPrinter }] = await Promise.all([import('./formatter.ts'), import('./document-printer.ts')]);
  return createDocumentPrinter(io, await createFormatter({ ...options, output }, GET_FORMATS), options);
}

/** Loaded while the server is at work: the request leaves before the event loop takes another turn. */
function latePrinter(wantsTable: boolean, load: () => Promise<GetPrinter>): GetPrinter {
  const printer = new Promise(setImmediate).then(load);
  return {
    wantsTable,
    print: async (...answer) => (await printer).print(...answer),
    end: async (complete) => (await printer).end(complete),
  };
}
