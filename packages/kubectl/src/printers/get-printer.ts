import { CommandError } from '../errors.ts';
import type { Io } from '../io.ts';
import { createDocumentPrinter } from './document-printer.ts';
import { createNamePrinter } from './name-printer.ts';
import type { GetPrinter, GetPrinterOptions } from './printer.ts';
import { createTablePrinter } from './table-printer.ts';

export type { GetPrinter, GetPrinterOptions } from './printer.ts';

export function createGetPrinter(io: Io, options: GetPrinterOptions): GetPrinter {
  switch (options.output) {
    case undefined:
    case '':
    case 'wide':
      return createTablePrinter(io, options);
    case 'json':
    case 'yaml':
      return createDocumentPrinter(io, options.output, options);
    case 'name':
      return createNamePrinter(io);
    default:
      throw new CommandError(`unable to match a printer suitable for the output format "${options.output}", allowed formats are: json,name,wide,yaml`);
  }
}
