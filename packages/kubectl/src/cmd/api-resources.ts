import { sanitizeCell } from '@podling/shared/sanitize';
import { CommandError, refuseWords } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { listOption } from '../flags.ts';
import { ColumnPrinter } from '../printers/columns.ts';
import { createFormatter } from '../printers/formatter.ts';
import type { AnyObject } from '../resource/object.ts';
import { apiVersionOf, qualifiedName } from '../resource/rest-mapping.ts';
import type { RestMapping } from '../resource/rest-mapping.ts';
import type { Verb } from '../verb.ts';

export interface ApiResourcesOptions {
  headers: boolean;
  output?: string;
  apiGroup?: string;
  namespaced?: string | true;
  verbs?: string[];
  categories?: string[];
  sortBy?: string;
}

const HEADER = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND'];
const WIDE_HEADER = [...HEADER, 'VERBS', 'CATEGORIES'];

const SORT_KEYS: Readonly<Record<string, (mapping: RestMapping) => string>> = {
  '': ({ group, resource }) => `${group}/${resource}`,
  name: ({ resource }) => resource,
  kind: ({ kind }) => kind,
};

function wants(mapping: RestMapping, { apiGroup, namespaced, verbs = [], categories = [] }: ApiResourcesOptions): boolean {
  if (apiGroup !== undefined && mapping.group !== apiGroup) return false;
  if (namespaced !== undefined && mapping.namespaced !== (namespaced !== 'false')) return false;
  return verbs.every((verb) => mapping.verbs.includes(verb)) && categories.every((category) => mapping.categories.includes(category));
}

function rowOf(mapping: RestMapping, wide: boolean): string[] {
  const cells = [mapping.resource, mapping.shortNames.join(','), apiVersionOf(mapping), String(mapping.namespaced), mapping.kind];
  return [...cells, ...(wide ? [mapping.verbs.toSorted().join(','), mapping.categories.join(',')] : [])].map(sanitizeCell);
}

/** As the servers of discovery say it, but for all groups at once. */
function listOf(mappings: readonly RestMapping[]): AnyObject {
  const resources = mappings.map(({ resource, singular, group, categories, shortNames, ...rest }) => ({
    ...rest,
    name: resource,
    singularName: singular,
    ...(group === '' ? {} : { group }),
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
  }));
  return { apiVersion: 'v1', kind: 'APIResourceList', groupVersion: '', resources };
}

/** Prints what discovery lists. */
async function apiResources(factory: Factory, words: string[], options: ApiResourcesOptions): Promise<number> {
  refuseWords('api-resources', words);
  const { output = '', sortBy = '', headers } = options;
  const key = SORT_KEYS[sortBy];
  if (key === undefined) throw new CommandError('--sort-by accepts only name or kind');
  if (!['', 'wide', 'name', 'json', 'yaml'].includes(output)) throw new CommandError(`--output ${output} is not available`);
  const all = await (await factory.mapper()).all();
  const mappings = all.filter((mapping) => wants(mapping, options)).toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  if (output === 'name') {
    factory.io.out(mappings.map((mapping) => `${sanitizeCell(qualifiedName(mapping))}\n`).join(''));
    return 0;
  }
  if (output === 'json' || output === 'yaml') {
    factory.io.out(await (await createFormatter({ output }))(listOf(mappings)));
    return 0;
  }
  const wide = output === 'wide';
  const rows = mappings.map((mapping) => rowOf(mapping, wide));
  const columns = new ColumnPrinter({ terminalColumns: factory.io.terminal?.columns });
  factory.io.out(columns.print(headers ? [wide ? WIDE_HEADER : HEADER, ...rows] : rows));
  return 0;
}

export const verb: Verb<ApiResourcesOptions> = {
  flags: (command) => {
    command
      .option('-o, --output <format>', 'wide, name, json or yaml')
      .option('--api-group <group>', 'only this group; empty = the core')
      .option('--namespaced [value]', 'only resources that are (true) or are not (false) in namespaces')
      .addOption(listOption('--verbs <verbs>', 'only resources with these verbs'))
      .addOption(listOption('--categories <categories>', 'only resources of these categories'))
      .option('--sort-by <column>', 'name or kind')
      .option('--no-headers', 'do not print headers');
  },
  run: apiResources,
};
