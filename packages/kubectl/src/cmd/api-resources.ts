import type { Factory } from '../factory.ts';
import { ColumnPrinter } from '../printers/columns.ts';
import { sanitizeCell } from '../printers/sanitize.ts';
import type { RestMapping } from '../resource/rest-mapping.ts';
import { apiVersionOf } from '../resource/rest-mapping.ts';
import type { Verb } from '../verb.ts';

const HEADER = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND'];

const sortKey = ({ group, resource }: RestMapping): string => `${group}/${resource}`;
const byGroupAndName = (a: RestMapping, b: RestMapping): number => (sortKey(a) < sortKey(b) ? -1 : 1);

/** Prints what discovery lists. */
export async function apiResources(factory: Factory, _words: string[], options: { headers: boolean }): Promise<number> {
  const mappings = (await (await factory.mapper()).all()).toSorted(byGroupAndName);
  const rows = mappings.map((m) => [m.resource, m.shortNames.join(','), apiVersionOf(m), String(m.namespaced), m.kind].map(sanitizeCell));
  factory.io.out(new ColumnPrinter({ terminalColumns: factory.io.terminal?.columns }).print(options.headers ? [HEADER, ...rows] : rows));
  return 0;
}

export const verb: Verb<{ headers: boolean }> = {
  flags: (command) => {
    command.option('--no-headers', 'do not print headers');
  },
  run: apiResources,
};
