import { ApiStatusError, isForbidden, isNotFound } from '@podling/shared/errors';
import type { ConfigMap, EndpointSlice, Event, Lease, Namespace, Node, Pod, Secret, Service } from '@podling/shared/api';
import type { RestClient } from '@podling/shared/client';
import { CommandError } from '../errors.ts';
import { Failures } from '../failures.ts';
import type { Factory } from '../factory.ts';
import type { AnyObject } from '../resource/object.ts';
import { targetsFromArgs } from '../resource/builder.ts';
import type { Target } from '../resource/builder.ts';
import { fetchPages } from '../resource/fetch.ts';
import type { FileOptions } from '../resource/manifest-files.ts';
import { readNamed } from '../resource/read-named.ts';
import { apiVersionOf, resourcePath } from '../resource/rest-mapping.ts';
import { fileFlags, numberOption } from '../flags.ts';
import type { Verb } from '../verb.ts';

export interface DescribeOptions extends FileOptions {
  showEvents: boolean;
  chunkSize?: number;
  selector?: string;
  allNamespaces?: boolean;
}

async function listItems<T>(rest: RestClient, path: string, query: Record<string, string | undefined>, pageSize?: number): Promise<T[]> {
  const list = (await fetchPages(rest, { path, accept: 'application/json', query }, pageSize)) as AnyObject;
  return (list.items ?? []) as unknown as T[];
}

/** As upstream: who may see an object is shown it without what they may not see of it. */
async function unlessRefused<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (error instanceof ApiStatusError) return undefined;
    throw error;
  });
}

/** Kubelets write a node's name where its uid belongs, so the uid is not asked for there. */
async function eventsOf(rest: RestClient, { kind, metadata }: AnyObject): Promise<Event[]> {
  const { name = '', namespace = '', uid = '' } = metadata ?? {};
  const path = namespace === '' ? '/api/v1/events' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
  const wanted = { kind, name, ...(namespace === '' ? {} : { namespace }), ...(kind === 'Node' ? {} : { uid }) };
  const fieldSelector = Object.entries(wanted).map(([key, value]) => `involvedObject.${key}=${value}`).join(',');
  return (await unlessRefused(listItems<Event>(rest, path, { fieldSelector }))) ?? [];
}

/** Undefined for whom pods are refused. */
async function podsOf(rest: RestClient, node: string): Promise<Pod[] | undefined> {
  return listItems<Pod>(rest, '/api/v1/pods', { fieldSelector: `spec.nodeName=${node}` }).catch((error: unknown) => {
    if (isForbidden(error)) return undefined;
    throw error;
  });
}

async function nodeText(rest: RestClient, node: Node, events: Event[] | undefined, now: number): Promise<string> {
  const { name } = node.metadata;
  const [pods, lease, { describeNode }] = await Promise.all([
    podsOf(rest, name),
    unlessRefused(rest.request<Lease>({ path: `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${encodeURIComponent(name)}` })),
    import('../printers/describe/node.ts'),
  ]);
  return describeNode(node, { pods, lease, events }, now);
}

interface Described {
  rest: RestClient;
  object: AnyObject;
  /** Undefined = not wanted. */
  events: Event[] | undefined;
  now: number;
}

async function serviceText({ rest, object, events, now }: Described): Promise<string> {
  const { name = '', namespace = '' } = object.metadata ?? {};
  const path = `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`;
  const slices = (await unlessRefused(listItems<EndpointSlice>(rest, path, { labelSelector: `kubernetes.io/service-name=${name}` }))) ?? [];
  return (await import('../printers/describe/service.ts')).describeService(object as unknown as Service, slices, events, now);
}

/** The kinds that have a form of their own. */
const DESCRIBERS: Readonly<Record<string, (described: Described) => Promise<string>>> = {
  Pod: async ({ object, events, now }) => (await import('../printers/describe/pod.ts')).describePod(object as unknown as Pod, events, now),
  Node: ({ rest, object, events, now }) => nodeText(rest, object as unknown as Node, events, now),
  Secret: async ({ object }) => (await import('../printers/describe/secret.ts')).describeSecret(object as unknown as Secret),
  ConfigMap: async ({ object, events, now }) => (await import('../printers/describe/config-map.ts')).describeConfigMap(object as unknown as ConfigMap, events, now),
  Namespace: async ({ object }) => (await import('../printers/describe/namespace.ts')).describeNamespace(object as unknown as Namespace),
  Service: serviceText,
};

async function anyText({ object, events, now }: Described): Promise<string> {
  return (await import('../printers/describe/generic.ts')).describeObject(object, events, now);
}

async function describeOne(factory: Factory, object: AnyObject, { showEvents }: DescribeOptions): Promise<string> {
  const rest = await factory.client();
  const events = showEvents ? await eventsOf(rest, object) : undefined;
  const { apiVersion, kind = '' } = object;
  const describer = apiVersion === 'v1' && Object.hasOwn(DESCRIBERS, kind) ? DESCRIBERS[kind] : undefined;
  return (describer ?? anyText)({ rest, object, events, now: factory.io.now() });
}

const typed = (object: AnyObject, { mapping }: Target): AnyObject => ({
  ...object,
  apiVersion: apiVersionOf(mapping),
  kind: mapping.kind,
});

async function collection(rest: RestClient, target: Target, options: DescribeOptions): Promise<AnyObject[]> {
  const path = resourcePath(target.mapping, { namespace: target.namespace });
  return listItems<AnyObject>(rest, path, { labelSelector: options.selector }, options.chunkSize);
}

/** The object of that name, else all whose names begin with it; a file means the one. */
async function named(rest: RestClient, target: Target, name: string, options: DescribeOptions): Promise<AnyObject[]> {
  try {
    return [await readNamed<AnyObject>(rest, { path: resourcePath(target.mapping, target) }, target.namespace)];
  } catch (error) {
    if (!isNotFound(error) || options.filename !== undefined) throw error;
    const similar = (await collection(rest, target, options)).filter((o) => o.metadata?.name?.startsWith(name) === true);
    if (similar.length === 0) throw error;
    return similar;
  }
}

async function targetsOf(factory: Factory, words: string[], options: DescribeOptions, namespace: string | undefined, failures: Failures): Promise<Target[]> {
  if (options.filename !== undefined) return (await import('../resource/selection.ts')).selectObjects(factory, words, options, failures);
  return targetsFromArgs(await factory.mapper(), words, { namespace, selects: options.selector !== undefined });
}

/** Shows objects in detail, each with its events. */
export async function describe(factory: Factory, words: string[], options: DescribeOptions): Promise<number> {
  if (words.length === 0 && options.filename === undefined) throw new CommandError('You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.');
  const failures = new Failures(factory);
  const namespace = options.allNamespaces === true ? undefined : await factory.namespace();
  const targets = await targetsOf(factory, words, options, namespace, failures);
  const rest = await factory.client();
  let described = 0;
  for (const target of targets) {
    await failures.attempt(async () => {
      const found = target.name === undefined ? await collection(rest, target, options) : await named(rest, target, target.name, options);
      for (const object of found) {
        const text = await describeOne(factory, typed(object, target), options);
        factory.io.out(described === 0 ? text : `\n\n${text}`);
        described += 1;
      }
    });
  }
  if (described === 0 && failures.exitCode === 0) {
    const namespaced = namespace !== undefined && (targets.length === 0 || targets.some((t) => t.mapping.namespaced));
    factory.io.err(namespaced ? `No resources found in ${namespace} namespace.\n` : 'No resources found\n');
  }
  return failures.exitCode;
}

export const verb: Verb<DescribeOptions> = {
  usage: '(-f FILE | TYPE [NAME...] | TYPE/NAME...) [flags]',
  flags: (command) => {
    fileFlags(command);
    command
      .option('-A, --all-namespaces', 'across all namespaces')
      .option('-l, --selector <selector>', 'label selector')
      .option('--no-show-events', 'without the events')
      .addOption(numberOption('--chunk-size <count>', 'ask for long lists in pieces of this size; 0 = in one'));
  },
  run: describe,
};
