import type { SelfSubjectAccessReview, SelfSubjectRulesReview } from '@podling/shared/api';
import { sanitizeCell } from '@podling/shared/sanitize';
import { CommandError } from '../../errors.ts';
import type { Factory } from '../../factory.ts';
import { ColumnPrinter } from '../../printers/columns.ts';
import type { RestMapping } from '../../resource/rest-mapping.ts';
import type { Verb } from '../../verb.ts';
import { ruleTable } from './rule-table.ts';

interface CanIOptions {
  allNamespaces?: boolean;
  quiet?: boolean;
  subresource?: string;
  list?: boolean;
  headers: boolean;
}

type Attributes = SelfSubjectAccessReview['spec'];

const resourceVerbs = [
  'get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'use', 'bind', 'impersonate', '*', 'approve', 'sign', 'escalate', 'attest',
];
const urlVerbs = ['get', 'put', 'post', 'head', 'options', 'delete', 'patch', '*'];
/** Of impersonation: no server lists them. */
const unlistedTypes = ['users', 'groups'];

async function create<T>(factory: Factory, kind: string, spec: object): Promise<T> {
  const apiVersion = 'authorization.k8s.io/v1';
  const rest = await factory.client();
  return rest.request<T>({ method: 'POST', path: `/apis/${apiVersion}/${kind.toLowerCase()}s`, body: { apiVersion, kind, spec } });
}

async function mappingOf(factory: Factory, type: string): Promise<RestMapping | undefined> {
  if (type === '*') return undefined;
  try {
    return (await (await factory.mapper()).resolve(type))[0];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const [name = '', ...group] = type.toLowerCase().split('.');
    if (!unlistedTypes.includes(type)) factory.warn(`the server doesn't have a resource type '${name}'${group.length > 0 ? ` in group '${group.join('.')}'` : ''}`);
    return undefined;
  }
}

function warnOf(factory: Factory, verb: string, mapping: RestMapping | undefined, { allNamespaces }: CanIOptions): void {
  if (mapping === undefined || allNamespaces === true) return;
  const { namespaced, resource, group } = mapping;
  if (!namespaced) factory.warn(`resource '${resource}' is not namespace scoped${group === '' ? '' : ` in group '${group}'`}`);
  if (!resourceVerbs.includes(verb)) factory.warn(`verb '${verb}' is not a known verb`);
}

async function attributesOf(factory: Factory, verb: string, target: string, options: CanIOptions): Promise<Attributes> {
  const { subresource = '' } = options;
  if (target.startsWith('/')) {
    if (subresource !== '') throw new CommandError('--subresource can not be used with NonResourceURL');
    if (!urlVerbs.includes(verb)) factory.warn(`verb '${verb}' is not a known verb`);
    return { nonResourceAttributes: { path: target, verb } };
  }
  const slash = target.indexOf('/');
  const [type, name] = slash < 0 ? [target, ''] : [target.slice(0, slash), target.slice(slash + 1)];
  const mapping = await mappingOf(factory, type);
  warnOf(factory, verb, mapping, options);
  const namespace = options.allNamespaces === true ? '' : await factory.namespace();
  return { resourceAttributes: { namespace, verb, group: mapping?.group ?? '', resource: mapping?.resource ?? type, subresource, name } };
}

async function check(factory: Factory, words: readonly string[], options: CanIOptions): Promise<number> {
  const [verb, target, ...more] = words;
  if (verb === undefined || target === undefined || more.length > 0) {
    throw new CommandError("you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.");
  }
  if (!options.headers) throw new CommandError('--no-headers cannot be set without --list specified');
  const { status } = await create<SelfSubjectAccessReview>(factory, 'SelfSubjectAccessReview', await attributesOf(factory, verb, target, options));
  const { allowed = false, reason = '', evaluationError = '' } = status ?? {};
  const why = [reason, evaluationError].filter((text) => text !== '' && !allowed).map((text) => ` - ${text}`).join('');
  if (options.quiet !== true) factory.io.out(`${allowed ? 'yes' : 'no'}${why}\n`);
  return allowed ? 0 : 1;
}

async function list(factory: Factory, words: readonly string[], options: CanIOptions): Promise<number> {
  const { quiet, allNamespaces, subresource, headers } = options;
  if (words.length > 0) throw new CommandError('list option must be specified with no arguments');
  if (quiet === true || allNamespaces === true || subresource !== undefined) {
    throw new CommandError("list option can't be specified with neither quiet, all-namespaces nor subresource options");
  }
  const { status } = await create<SelfSubjectRulesReview>(factory, 'SelfSubjectRulesReview', { namespace: await factory.namespace() });
  if (status?.incomplete) factory.warn(`the list may be incomplete: ${status.evaluationError ?? ''}`);
  const rows = status ? ruleTable(status) : [];
  const shown = [...(headers ? [['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs']] : []), ...rows];
  factory.io.out(new ColumnPrinter().print(shown.map((row) => row.map(sanitizeCell))));
  return 0;
}

export const verb: Verb<CanIOptions> = {
  usage: '(VERB (TYPE | TYPE/NAME | URL) | --list) [flags]',
  flags: (command) => {
    command
      .option('-A, --all-namespaces', 'in all namespaces')
      .option('-q, --quiet', 'only the exit status')
      .option('--subresource <name>', 'such as log or status')
      .option('--list', 'all that is allowed')
      .option('--no-headers', 'do not print headers');
  },
  run: (factory, words, options) => (options.list === true ? list : check)(factory, words, options),
};
