import { LAST_APPLIED } from '../../apply/last-applied.ts';
import { CommandError } from '../../errors.ts';
import { fetchPages } from '../../resource/fetch.ts';
import type { AnyObject } from '../../resource/object.ts';
import { apiVersionOf, resourcePath } from '../../resource/rest-mapping.ts';
import type { RestMapping } from '../../resource/rest-mapping.ts';
import { send } from '../../writing.ts';
import type { Writing } from '../../writing.ts';

export interface PruneOptions {
  prune?: boolean;
  selector?: string;
  all?: boolean;
  pruneAllowlist?: string[];
  serverSide?: boolean;
}

/** What upstream prunes, of the kinds a server may have. */
const DEFAULT_KINDS = [
  'core/v1/ConfigMap', 'core/v1/PersistentVolumeClaim', 'core/v1/Pod', 'core/v1/ReplicationController', 'core/v1/Secret', 'core/v1/Service',
  'batch/v1/Job', 'batch/v1/CronJob', 'networking.k8s.io/v1/Ingress', 'apps/v1/DaemonSet', 'apps/v1/Deployment', 'apps/v1/ReplicaSet',
  'apps/v1/StatefulSet', 'core/v1/Namespace', 'core/v1/PersistentVolume',
];

/** `core/v1/Pod`, `apps/v1/Deployment` */
function typeOf(text: string): { apiVersion: string; kind: string } {
  const [group, version, kind, ...rest] = text.split('/');
  if (kind === undefined || rest.length > 0) throw new CommandError(`invalid GroupVersionKind format: ${text}, please follow <group/version/kind>`);
  return { apiVersion: group === 'core' || group === '' ? `${version}` : `${group}/${version}`, kind };
}

export function checkPrune({ prune = false, all = false, selector, serverSide = false, pruneAllowlist }: PruneOptions): void {
  if (all && selector !== undefined) throw new CommandError('cannot set --all and --selector at the same time');
  if (!prune) return;
  if (!all && selector === undefined) {
    throw new CommandError(
      'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector',
    );
  }
  for (const text of pruneAllowlist ?? []) typeOf(text);
  if (serverSide) throw new CommandError("--prune is in alpha and doesn't currently work on objects created by server-side apply");
}

/** What is pruned. Fails before anything is applied where a type of the list is not there. */
export async function pruneMappings({ factory }: Writing, allowlist: readonly string[] | undefined): Promise<RestMapping[]> {
  const mapper = await factory.mapper();
  const found = (allowlist ?? DEFAULT_KINDS).map(async (text) => {
    const { apiVersion, kind } = typeOf(text);
    const mapping = await mapper.forKind(apiVersion, kind);
    if (mapping === undefined && allowlist !== undefined) throw new CommandError(`no matches for kind "${kind}" in version "${apiVersion}"`);
    return mapping;
  });
  return (await Promise.all(found)).filter((mapping) => mapping !== undefined);
}

async function pruneCollection(writing: Writing, mapping: RestMapping, namespace: string | undefined, kept: ReadonlySet<string>, options: PruneOptions): Promise<void> {
  const rest = await writing.factory.client();
  const path = resourcePath(mapping, { namespace });
  const list = (await fetchPages(rest, { path, accept: 'application/json', query: { labelSelector: options.selector } })) as AnyObject;
  for (const item of list.items ?? []) {
    const { name = '', uid = '', annotations } = item.metadata ?? {};
    if (annotations?.[LAST_APPLIED] === undefined || kept.has(uid)) continue;
    await writing.failures.attempt(async () => {
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background', ...(writing.dryRun === 'server' ? { dryRun: ['All'] } : {}) };
      if (writing.dryRun !== 'client') await send({ ...writing, query: {} }, { method: 'DELETE', mapping, namespace, name, body });
      await writing.print({ ...item, apiVersion: apiVersionOf(mapping), kind: mapping.kind }, 'pruned');
    });
  }
}

/** Deletes what apply made before and `applied` does not hold, in the namespaces that `applied` names and the present one. */
export async function prune(writing: Writing, applied: readonly AnyObject[], mappings: readonly RestMapping[], options: PruneOptions): Promise<void> {
  const kept = new Set(applied.map(({ metadata }) => metadata?.uid ?? ''));
  const asked = writing.factory.askedNamespace;
  const namespaces = new Set([...(asked === undefined ? [] : [asked]), ...applied.flatMap(({ metadata }) => metadata?.namespace ?? [])]);
  for (const namespace of namespaces) {
    for (const mapping of mappings.filter(({ namespaced }) => namespaced)) await pruneCollection(writing, mapping, namespace, kept, options);
  }
  for (const mapping of mappings.filter(({ namespaced }) => !namespaced)) await pruneCollection(writing, mapping, undefined, kept, options);
}
