import type { Command } from 'commander';
import { loadVerbs } from '../command-line.ts';
import type { LoadedLine } from '../command-line.ts';
import type { Factory, GlobalOptions } from '../factory.ts';
import { KubeconfigFiles } from '../kubeconfig/kubeconfig-files.ts';
import { GET_FORMATS } from '../printers/formatter.ts';
import { sanitizeCell } from '../printers/sanitize.ts';
import { fetchPages } from '../resource/fetch.ts';
import type { AnyObject } from '../resource/object.ts';
import { resourcePath } from '../resource/rest-mapping.ts';
import type { Verb, VerbTable } from '../verb.ts';

interface Candidate {
  value: string;
  description?: string;
}

/** What the words behind a command are. */
type Words = 'objects' | 'types' | 'pods' | 'nodes' | 'contexts' | 'shells';

const WORDS: Readonly<Record<string, Words>> = {
  get: 'objects', describe: 'objects', delete: 'objects', edit: 'objects', patch: 'objects', label: 'objects', annotate: 'objects', wait: 'objects',
  explain: 'types', logs: 'pods', exec: 'pods', attach: 'pods', 'port-forward': 'pods', debug: 'pods',
  cordon: 'nodes', uncordon: 'nodes', drain: 'nodes',
  'config use-context': 'contexts', 'config delete-context': 'contexts', 'config rename-context': 'contexts', 'config get-contexts': 'contexts',
  completion: 'shells',
};
const SHELLS = ['bash', 'fish', 'zsh'];
const DRY_RUN = ['none', 'client', 'server'];
const TIMEOUT = '5s';

const plain = (values: readonly string[]): Candidate[] => values.map((value) => ({ value }));

function verbCandidates(table: VerbTable): Candidate[] {
  return Object.entries(table).filter(([, { hidden }]) => hidden !== true).map(([value, { summary }]) => ({ value, description: summary }));
}

function flagCandidates(known: readonly Command[]): Candidate[] {
  const options = known.flatMap((command) => command.options).filter((option) => !option.hidden);
  return options.map(({ long = '', required, description }) => ({ value: `${long}${required ? '=' : ''}`, description }));
}

async function names(factory: Factory, type: string, prefix = ''): Promise<Candidate[]> {
  const [mapping] = await (await factory.mapper()).resolve(type);
  if (mapping === undefined) return [];
  const namespace = mapping.namespaced ? await factory.namespace() : undefined;
  const list = (await fetchPages(await factory.client(), { path: resourcePath(mapping, { namespace }), accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json' })) as AnyObject;
  return plain((list.items ?? []).map(({ metadata }) => `${prefix}${metadata?.name ?? ''}`));
}

async function types(factory: Factory): Promise<Candidate[]> {
  const mappings = await (await factory.mapper()).all();
  return mappings.filter(({ verbs }) => verbs.includes('get')).map(({ resource, kind }) => ({ value: resource, description: kind }));
}

async function contexts({ options, io }: Factory): Promise<Candidate[]> {
  return plain((await KubeconfigFiles.open(options.kubeconfig, io.env)).merged().contexts.map(({ name }) => name));
}

/** `TYPE NAME…` or `TYPE/NAME`. */
async function objects(factory: Factory, before: readonly string[], current: string): Promise<Candidate[]> {
  const slash = current.indexOf('/');
  if (slash >= 0) return names(factory, current.slice(0, slash), current.slice(0, slash + 1));
  const [type] = before;
  return type === undefined ? types(factory) : names(factory, type);
}

async function flagValues(factory: Factory, flag: string): Promise<Candidate[]> {
  switch (flag) {
    case '-n':
    case '--namespace':
      return names(factory, 'namespaces');
    case '--context':
      return contexts(factory);
    case '-o':
    case '--output':
      return plain(GET_FORMATS);
    case '--dry-run':
      return plain(DRY_RUN);
    default:
      return [];
  }
}

/** The words that are neither flags nor their values. */
function plainWords({ rest, known }: LoadedLine): string[] {
  const takesValue = (word: string): boolean => known.some((command) => command.options.some((o) => o.required && (o.short === word || o.long === word)));
  return rest.filter((word, i) => !word.startsWith('-') && !takesValue(rest[i - 1] ?? ''));
}

async function positional(factory: Factory, line: LoadedLine, current: string): Promise<Candidate[]> {
  const before = plainWords(line);
  const subcommands = before.length === 0 ? verbCandidates(line.below) : [];
  switch (WORDS[line.typed.map(({ name }) => name).join(' ')]) {
    case 'objects':
      return objects(factory, before, current);
    case 'types':
      return types(factory);
    case 'pods':
    case 'nodes':
      return before.length > 0 ? [] : names(factory, WORDS[line.typed[0]?.name ?? ''] ?? 'pods');
    case 'contexts':
      return contexts(factory);
    case 'shells':
      return plain(SHELLS);
    default:
      return subcommands;
  }
}

async function candidates(factory: Factory, line: LoadedLine, current: string): Promise<Candidate[]> {
  const equals = current.indexOf('=');
  if (current.startsWith('--') && equals > 0) {
    const flag = current.slice(0, equals);
    return (await flagValues(factory, flag)).map(({ value }) => ({ value: `${flag}=${value}` }));
  }
  const last = line.rest.at(-1) ?? '';
  const valued = line.known.some((command) => command.options.some((o) => o.required && (o.short === last || o.long === last)));
  if (valued) return flagValues(factory, last);
  return current.startsWith('-') ? flagCandidates(line.known) : positional(factory, line, current);
}

function globalsOf({ rest }: LoadedLine, given: GlobalOptions): GlobalOptions {
  const value = (...flags: string[]): string | undefined => {
    const index = rest.findIndex((word) => flags.some((flag) => word === flag || word.startsWith(`${flag}=`)));
    const word = rest[index] ?? '';
    return index < 0 ? undefined : word.includes('=') ? word.slice(word.indexOf('=') + 1) : rest[index + 1];
  };
  const found = { namespace: value('-n', '--namespace'), context: value('--context'), kubeconfig: value('--kubeconfig'), server: value('-s', '--server') };
  const said = Object.fromEntries(Object.entries(found).filter(([, text]) => text !== undefined));
  return { requestTimeout: TIMEOUT, ...given, ...said };
}

/** What may come in place of the last word, one in a line, with a description behind a tab. A server that is away completes nothing. */
export function completeVerb(verbs: VerbTable): Verb {
  return {
    usage: '-- WORD... CURRENT',
    run: async (factory, words) => {
      const current = words.at(-1) ?? '';
      const line = await loadVerbs(words.slice(0, -1), verbs);
      const asked = factory.with(globalsOf(line, factory.options));
      try {
        const found = (await candidates(asked, line, current)).filter(({ value }) => value.startsWith(current));
        for (const { value, description } of found) factory.io.out(`${sanitizeCell(value)}${description === undefined ? '' : `\t${sanitizeCell(description)}`}\n`);
      } catch {
        return 1;
      } finally {
        await asked.close();
      }
      return 0;
    },
  };
}
