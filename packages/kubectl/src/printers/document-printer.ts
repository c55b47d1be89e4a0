import type { Io } from '../io.ts';
import type { Formatter } from './formatter.ts';
import { objectsOf, toList } from './object.ts';
import type { AnyObject } from '../resource/object.ts';
import type { GetPrinter, GetPrinterOptions } from './printer.ts';

/** Whole objects: alone when one was asked for by name, else in a List; one document each while watching. */
export function createDocumentPrinter(io: Io, format: Formatter, options: GetPrinterOptions): GetPrinter {
  const found: AnyObject[] = [];
  let lone = options.single;

  async function write(object: AnyObject): Promise<void> {
    io.out(await format(object));
  }

  return {
    wantsTable: false,
    async print(mapping, answer, event = 'ADDED') {
      const objects = objectsOf(mapping, answer as AnyObject);
      if ((answer as AnyObject).items !== undefined) lone = false;
      if (options.streaming) for (const object of objects) await write(options.watchEvents ? { type: event, object } : object);
      else found.push(...objects);
    },
    async end(complete) {
      const sorted = options.sort === undefined ? found : options.sort(found, (object) => object);
      const [first] = sorted;
      if (lone) return first === undefined ? undefined : write(first);
      if (sorted.length > 0 || complete) await write(toList(sorted));
    },
  };
}
