import { isDNS1123Subdomain } from '@podling/shared/names';
import type { Container, Pod } from '@podling/shared/api';
import { CommandError } from '../../errors.ts';
import type { Factory } from '../../factory.ts';
import { listOption, outputFlags } from '../../flags.ts';
import { createFormatter } from '../../printers/formatter.ts';
import type { Formatter } from '../../printers/formatter.ts';
import { fetchPages } from '../../resource/fetch.ts';
import type { AnyObject } from '../../resource/object.ts';
import type { ResultOptions } from '../../printers/result-printer.ts';
import { apiVersionOf, resourcePath } from '../../resource/rest-mapping.ts';
import type { RestMapping } from '../../resource/rest-mapping.ts';
import type { Verb } from '../../verb.ts';
import { createDumpTarget } from './dump-target.ts';
import type { DumpTarget } from './dump-target.ts';

interface DumpOptions extends ResultOptions {
  outputDirectory?: string;
  namespaces?: string[];
  allNamespaces?: boolean;
}

interface Dump {
  factory: Factory;
  format: Formatter;
  target: DumpTarget;
  /** Of files. */
  extension: string;
  served: readonly RestMapping[];
}

/** Of each namespace, as far as the server has them; and the file they go to. */
const dumped: readonly [kind: string, file: string][] = [
  ['Event', 'events'], ['ReplicationController', 'replication-controllers'], ['Service', 'services'], ['DaemonSet', 'daemonsets'],
  ['Deployment', 'deployments'], ['ReplicaSet', 'replicasets'], ['Pod', 'pods'],
];
const extensions = new Map([['json', '.json'], ['yaml', '.yaml']]);

async function listOf({ factory }: Dump, mapping: RestMapping, namespace?: string): Promise<AnyObject> {
  const list = (await fetchPages(await factory.client(), { path: resourcePath(mapping, { namespace }), accept: 'application/json', query: {} })) as AnyObject;
  return { ...list, apiVersion: apiVersionOf(mapping), kind: `${mapping.kind}List` };
}

const mappingOf = ({ served }: Dump, kind: string): RestMapping | undefined => served.find((mapping) => mapping.kind === kind);

async function dumpLogs({ factory, target }: Dump, pod: Pod, { name: container }: Pick<Container, 'name'>, file: string): Promise<void> {
  const { namespace = '', name } = pod.metadata;
  const about = `logs for container ${container} of pod ${namespace}/${name} ====\n`;
  await target.write(file, `==== START ${about}`);
  try {
    const rest = await factory.client();
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log`;
    for await (const chunk of await rest.stream({ path, query: { container } })) await target.write(file, chunk);
  } catch (error) {
    await target.write(file, `Request log error: ${(error as Error).message}\n`);
  }
  await target.write(file, `==== END ${about}`);
}

async function dumpNamespace(dump: Dump, namespace: string): Promise<void> {
  const { format, target, extension } = dump;
  let pods: Pod[] = [];
  for (const [kind, file] of dumped) {
    const mapping = mappingOf(dump, kind);
    if (mapping === undefined) continue;
    const list = await listOf(dump, mapping, namespace);
    if (kind === 'Pod') pods = (list.items ?? []) as unknown as Pod[];
    await target.write(`${checkedName(namespace)}/${file}${extension}`, await format(list));
  }
  for (const pod of pods) {
    const { initContainers = [], containers } = pod.spec;
    const file = `${checkedName(namespace)}/${checkedName(pod.metadata.name)}/logs.txt`;
    for (const container of [...initContainers, ...containers]) await dumpLogs(dump, pod, container, file);
  }
}

/** A name becomes a folder, so it must be one that objects can have. */
function checkedName(name: string): string {
  if (isDNS1123Subdomain(name).length > 0) throw new CommandError(`the server has an object with the impossible name ${JSON.stringify(name)}`);
  return name;
}

async function namespacesOf(dump: Dump, { allNamespaces, namespaces = [] }: DumpOptions): Promise<string[]> {
  const mapping = mappingOf(dump, 'Namespace');
  if (allNamespaces === true && mapping) return ((await listOf(dump, mapping)).items ?? []).map(({ metadata }) => metadata?.name ?? '');
  return namespaces.length > 0 ? namespaces : [...new Set(['kube-system', await dump.factory.namespace()])];
}

async function dumpAll(factory: Factory, _words: string[], options: DumpOptions): Promise<number> {
  const { output = 'json', template, showManagedFields = false, outputDirectory = '-' } = options;
  const format = await createFormatter({ output, template, showManagedFields });
  const target = createDumpTarget(factory.io, outputDirectory);
  const dump: Dump = { factory, format, target, extension: extensions.get(output) ?? '.txt', served: await (await factory.mapper()).all() };
  try {
    const nodes = mappingOf(dump, 'Node');
    if (nodes) await target.write(`nodes${dump.extension}`, await format(await listOf(dump, nodes)));
    for (const namespace of await namespacesOf(dump, options)) await dumpNamespace(dump, namespace);
  } finally {
    await target.close();
  }
  if (target.folder !== undefined) factory.io.out(`Cluster info dumped to ${target.folder}\n`);
  return 0;
}

export const verb: Verb<DumpOptions> = {
  flags: (command) => {
    outputFlags(command);
    command
      .option('--output-directory <path>', 'write files into this folder; - is standard output')
      .addOption(listOption('--namespaces <names>', 'of these namespaces; if not said, kube-system and the present one'))
      .option('-A, --all-namespaces', 'of all namespaces');
  },
  run: dumpAll,
};
