import type { Io } from '../io.ts';
import { nameOf, objectsOf } from './object.ts';
import type { AnyObject } from '../resource/object.ts';
import type { GetPrinter } from './printer.ts';

/** `pod/web`, a line each. */
export function createNamePrinter(io: Io): GetPrinter {
  return {
    wantsTable: false,
    async print(mapping, answer) {
      for (const object of objectsOf(mapping, answer as AnyObject)) io.out(`${nameOf(mapping, object)}\n`);
    },
    async end() {},
  };
}
