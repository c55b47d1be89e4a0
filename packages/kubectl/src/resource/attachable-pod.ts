import type { LabelSelector, Pod } from '@podling/shared/api';
import type { RestClient } from '@podling/shared/client';
import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { mostActive } from './active-pods.ts';
import { targetsFromArgs } from './builder.ts';
import type { Target } from './builder.ts';
import type { AnyObject } from './object.ts';
import { readNamed } from './read-named.ts';
import { resourcePath } from './rest-mapping.ts';
import type { RestMapping } from './rest-mapping.ts';
import { watchEvents } from './watch.ts';

/** What the words name, and the pods to work with: itself, or those that it selects; at least one. */
export interface NamedPods {
  object: AnyObject;
  pods: Pod[];
}

/** The same with the one of them that is most likely to serve. */
export interface AttachablePod {
  object: AnyObject;
  pod: Pod;
}

/** Path of a pod, or of one of its subresources. */
export function podPath(namespace: string, name: string, subresource?: string): string {
  const parts = ['/api/v1/namespaces', encodeURIComponent(namespace), 'pods', encodeURIComponent(name)];
  return [...parts, ...(subresource === undefined ? [] : [subresource])].join('/');
}

/** `POD`, `TYPE/NAME` or `TYPE NAME`. What selects pods and has none yet is waited for. */
export async function attachablePod(factory: Factory, words: readonly string[], timeoutMs: number): Promise<AttachablePod> {
  const { object, pods } = await namedPods(factory, words, timeoutMs, 'attach to');
  return { object, pod: mostActive(pods) as Pod };
}

/** As {@link attachablePod}, of what a file names. */
export async function attachablePodOf(factory: Factory, target: Target, timeoutMs: number): Promise<AttachablePod> {
  const { object, pods } = await podsOf(factory, target, timeoutMs, 'attach to');
  return { object, pod: mostActive(pods) as Pod };
}

/** As {@link attachablePod}, but all pods. What for is said to whom names a thing that has none: `attach to`. */
export async function namedPods(factory: Factory, words: readonly string[], timeoutMs: number, purpose: string): Promise<NamedPods> {
  const rest = await factory.client();
  const namespace = await factory.namespace();
  const [first = '', ...others] = words;
  if (others.length === 0 && !first.includes('/')) {
    const pod = await readNamed<Pod & AnyObject>(rest, { path: podPath(namespace, first) }, namespace);
    return { object: pod, pods: [pod] };
  }
  const [target] = await targetsFromArgs(await factory.mapper(), words, { namespace, selects: false });
  if (target === undefined) throw new CommandError('pod or type/name must be specified');
  return podsOf(factory, target, timeoutMs, purpose);
}

async function podsOf(factory: Factory, target: Target, timeoutMs: number, purpose: string): Promise<NamedPods> {
  const rest = await factory.client();
  const { mapping, namespace = await factory.namespace() } = target;
  const object = await readNamed<AnyObject>(rest, { path: resourcePath(mapping, target) }, target.namespace);
  if (mapping.resource === 'pods' && mapping.group === '') return { object, pods: [object as unknown as Pod] };
  return { object, pods: await selectedPods(rest, namespace, selectorOf(mapping, object, purpose), timeoutMs) };
}

async function selectedPods(rest: RestClient, namespace: string, labelSelector: string, timeoutMs: number): Promise<Pod[]> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  const { items, metadata } = await rest.request<{ items: Pod[]; metadata?: { resourceVersion?: string } }>({ path, query: { labelSelector } });
  if (items.length > 0) return items;
  const signal = AbortSignal.timeout(timeoutMs);
  const timedOut = new CommandError('timed out waiting for the condition');
  try {
    for await (const { type, object } of watchEvents<Pod>(rest, { path, query: { labelSelector, resourceVersion: metadata?.resourceVersion }, signal })) {
      if (type !== 'DELETED') return [object];
    }
  } catch (error) {
    throw signal.aborted ? timedOut : error;
  }
  throw timedOut;
}

function selectorOf({ kind, version }: RestMapping, object: AnyObject, purpose: string): string {
  // The name of the type in Kubernetes' sources, as upstream.
  const type = `*${version}.${kind}`;
  const { selector } = (object['spec'] ?? {}) as { selector?: LabelSelector | Record<string, string> };
  if (kind === 'Service' || kind === 'ReplicationController') {
    if (selector === undefined || Object.keys(selector).length === 0) throw new CommandError(`cannot ${purpose} ${type}: invalid service '${object.metadata?.name}': Service is defined without a selector`);
    return requirements({ matchLabels: selector as Record<string, string> });
  }
  const { matchLabels, matchExpressions } = (selector ?? {}) as LabelSelector;
  if (matchLabels === undefined && matchExpressions === undefined) throw new CommandError(`cannot ${purpose} ${type}: selector for ${type} not implemented`);
  return requirements(selector as LabelSelector);
}

/** As a query says it. */
function requirements({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const others = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key;
    return operator === 'DoesNotExist' ? `!${key}` : `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`;
  });
  return [...equal, ...others].join(',');
}
