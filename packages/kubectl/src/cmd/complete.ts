import { Command } from 'commander';
import type { Pod } from '@podling/shared/api';
import type { LoadedLine } from '@podling/shared/command-line';
import { complete, completionScripts } from '@podling/shared/completion';
import type { Candidate } from '@podling/shared/completion';
import { normalizeArguments } from '../arguments.ts';
import { globalFlags, loadLine } from '../flags.ts';
import type { Factory, GlobalOptions } from '../factory.ts';
import { KubeconfigFiles } from '../kubeconfig/kubeconfig-files.ts';
import { GET_FORMATS } from '../printers/formatter.ts';
import { podPath } from '../resource/attachable-pod.ts';
import { fetchPages } from '../resource/fetch.ts';
import type { AnyObject } from '../resource/object.ts';
import { containersInOrder } from '../resource/pod-container.ts';
import { resourcePath } from '../resource/rest-mapping.ts';
import type { Verb, VerbTable } from '../verb.ts';

/** What the words behind a command are. */
type Words = 'objects' | 'types' | 'pods' | 'nodes' | 'contexts' | 'shells';

const WORDS: Readonly<Record<string, Words>> = {
  get: 'objects', describe: 'objects', delete: 'objects', edit: 'objects', patch: 'objects', label: 'objects', annotate: 'objects', wait: 'objects',
  explain: 'types', logs: 'pods', exec: 'pods', attach: 'pods', 'port-forward': 'pods', debug: 'pods',
  'top pod': 'pods',
  cordon: 'nodes', uncordon: 'nodes', drain: 'nodes', 'top node': 'nodes',
  'config use-context': 'contexts', 'config delete-context': 'contexts', 'config rename-context': 'contexts', 'config get-contexts': 'contexts',
  completion: 'shells',
};
const DRY_RUN = ['none', 'client', 'server'];
const TIMEOUT = '5s';

const plain = (values: readonly string[]): Candidate[] => values.map((value) => ({ value }));

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

/** Of the pod that is named: `web`, `pod/web`, or `web:/path` of cp. */
async function containers(factory: Factory, before: readonly string[]): Promise<Candidate[]> {
  const [, name] = /^(?:pods?\/)?([^/:]+)(?::|$)/.exec(before.find((word) => word.includes(':')) ?? before[0] ?? '') ?? [];
  if (name === undefined) return [];
  const pod = await (await factory.client()).request<Pod>({ path: podPath(await factory.namespace(), name) });
  return plain(containersInOrder(pod).map((container) => container.name));
}

async function flagValues(factory: Factory, { typed: [command] }: LoadedLine<Verb>, flag: string, before: readonly string[]): Promise<Candidate[]> {
  switch (flag) {
    case '--container':
      // The one that debug is to make.
      return command?.name === 'debug' ? [] : containers(factory, before);
    case '--target':
      return containers(factory, before);
    case '--namespace':
      return names(factory, 'namespaces');
    case '--context':
      return contexts(factory);
    case '--output':
      return plain(GET_FORMATS);
    case '--dry-run':
      return plain(DRY_RUN);
    default:
      return [];
  }
}

/** Behind the commands of the line; undefined where there may be more of them. */
function wordsOf(factory: Factory, line: LoadedLine<Verb>, current: string, before: readonly string[]): Promise<Candidate[]> | undefined {
  const words = WORDS[line.typed.map(({ name }) => name).join(' ')];
  switch (words) {
    case 'objects':
      return objects(factory, before, current);
    case 'types':
      return types(factory);
    case 'pods':
    case 'nodes':
      return before.length > 0 ? Promise.resolve([]) : names(factory, words);
    case 'contexts':
      return contexts(factory);
    case 'shells':
      return Promise.resolve(plain(Object.keys(completionScripts)));
    default:
      return undefined;
  }
}

function globalsOf({ rest }: LoadedLine<Verb>, given: GlobalOptions): GlobalOptions {
  const program = globalFlags(new Command()).helpOption(false).allowUnknownOption().allowExcessArguments().exitOverride().configureOutput({ writeErr: () => undefined });
  // The flag before the cursor has no value yet.
  program.parse(normalizeArguments([...rest, ''], [program]), { from: 'user' });
  return { requestTimeout: TIMEOUT, ...given, ...program.opts<GlobalOptions>() };
}

async function answer(factory: Factory, line: LoadedLine<Verb>, current: string): Promise<void> {
  try {
    factory.io.out(await complete(line, current, { words: (before) => wordsOf(factory, line, current, before), values: (flag, before) => flagValues(factory, line, flag, before) }));
  } finally {
    await factory.close();
  }
}

/** What may come in place of the last word, one in a line, with a description behind a tab. A server that is away completes nothing. */
export function completeVerb(verbs: VerbTable): Verb {
  return {
    usage: '-- WORD... CURRENT',
    run: async (factory, words) => {
      const current = words.at(-1) ?? '';
      const line = await loadLine(words.slice(0, -1), verbs, globalFlags(new Command()));
      try {
        await answer(factory.with(globalsOf(line, factory.options)), line, current);
        return 0;
      } catch {
        return 1;
      }
    },
  };
}
