import type { Factory } from '../factory.ts';
import { ColumnPrinter } from '../printers/columns.ts';
import { sanitizeCell } from '../printers/sanitize.ts';
import { apiVersionOf } from '../resource/rest-mapping.ts';

const HEADER = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND'];

/** Prints what discovery lists. */
export async function apiResources(factory: Factory, _words: string[], options: { headers: boolean }): Promise<number> {
  const mappings = await (await factory.mapper()).all();
  const rows = mappings.map((m) => [m.resource, m.shortNames.join(','), apiVersionOf(m), String(m.namespaced), m.kind].map(sanitizeCell));
  factory.io.out(new ColumnPrinter({ terminalColumns: factory.io.terminal?.columns }).print(options.headers ? [HEADER, ...rows] : rows));
  return 0;
}
