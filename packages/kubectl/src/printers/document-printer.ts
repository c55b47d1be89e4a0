import type { Io } from '../io.ts';
import { formatJson, formatYaml, objectsOf, toList } from './object.ts';
import type { AnyObject } from '../resource/object.ts';
import type { GetPrinter, GetPrinterOptions } from './printer.ts';

/** Whole objects: alone when one was asked for by name, else in a List; one document each while watching. */
export function createDocumentPrinter(io: Io, format: 'json' | 'yaml', options: GetPrinterOptions): GetPrinter {
  const found: AnyObject[] = [];
  let lone = options.single;
  let printed = 0;

  async function write(object: AnyObject): Promise<void> {
    const text = format === 'json' ? formatJson(object, options) : await formatYaml(object, options);
    io.out(format === 'yaml' && printed > 0 ? `---\n${text}` : text);
    printed += 1;
  }

  return {
    wantsTable: false,
    async print(mapping, answer) {
      const objects = objectsOf(mapping, answer as AnyObject);
      if ((answer as AnyObject).items !== undefined) lone = false;
      if (options.streaming) for (const object of objects) await write(object);
      else found.push(...objects);
    },
    async end(complete) {
      const [first] = found;
      if (lone) return first === undefined ? undefined : write(first);
      if (found.length > 0 || complete) await write(toList(found));
    },
  };
}
