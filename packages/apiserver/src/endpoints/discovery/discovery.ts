import { createHash } from 'node:crypto';
import { apiVersionOf } from '@podling/shared/scheme';
import type { ServedResource, ServedSubresource } from '../endpoint.ts';
import { compareGroups } from './group-order.ts';
import { storageVersionHashes } from './storage-version-hash.ts';

interface Section {
  group: string;
  version: string;
  resources: ServedResource[];
}

type Kind = ServedSubresource['info'];

const byName = <T>(name: (item: T) => string) => (a: T, b: T): number => (name(a) < name(b) ? -1 : 1);

function verbsOf({ handlers }: { handlers: object }): string[] {
  return Object.keys(handlers).toSorted();
}

function namesOf({ shortNames, categories }: ServedResource['info']): object {
  return { ...(shortNames.length > 0 ? { shortNames } : {}), ...(categories.length > 0 ? { categories } : {}) };
}

/** Group and version of a subresource's bodies, where they are not those of the resource. */
function foreign(info: Kind, part: ServedSubresource): object {
  const { group, version } = part.info;
  return group === info.group && version === info.version ? {} : { group, version };
}

/** Kubernetes leaves group and version empty where they are those of the list. */
function responseKind(info: Kind, of: Kind): object {
  const isOwn = of.group === info.group && of.version === info.version;
  return { group: isOwn ? '' : of.group, version: isOwn ? '' : of.version, kind: of.kind };
}

function aggregatedResource(resource: ServedResource): object {
  const { info, subresources } = resource;
  const parts = subresources.map((part) => ({ subresource: part.name, responseKind: responseKind(info, part.info), verbs: verbsOf(part) }));
  return {
    resource: info.resource, responseKind: responseKind(info, info), scope: info.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: info.singular, verbs: verbsOf(resource), ...namesOf(info),
    ...(parts.length > 0 ? { subresources: parts.toSorted(byName(({ subresource }) => subresource)) } : {}),
  };
}

function aggregatedGroup({ group, version, resources }: Section): object {
  const metadata = group === '' ? {} : { name: group };
  return { metadata, versions: [{ version, resources: resources.map(aggregatedResource), freshness: 'Current' }] };
}

function groupEntry({ group, version }: Section): object {
  const entry = { groupVersion: `${group}/${version}`, version };
  return { name: group, versions: [entry], preferredVersion: entry };
}

function sectionsOf(served: readonly ServedResource[]): Section[] {
  const groups = Map.groupBy(served, ({ info }) => apiVersionOf(info));
  const sections = [...groups.values()].flatMap((members): Section[] => {
    const [first] = members;
    return first ? [{ group: first.info.group, version: first.info.version, resources: members.toSorted(byName(({ info }) => info.resource)) }] : [];
  });
  return sections.toSorted((a, b) => compareGroups(a.group, b.group));
}

/** What discovery answers, for the served resources. Upstream twin: apiserver's `endpoints/discovery`. */
export class Discovery {
  readonly #sections: readonly Section[];
  readonly #hashes: ReadonlyMap<string, string>;

  constructor(served: readonly ServedResource[]) {
    this.#sections = sectionsOf(served);
    this.#hashes = storageVersionHashes(served);
  }

  #groups(core: boolean): Section[] {
    return this.#sections.filter(({ group }) => (group === '') === core);
  }

  /** `/api`: `APIVersions`. `serverAddress` is where the client has reached the server. */
  apiVersions(serverAddress: string): object {
    const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress }];
    return { kind: 'APIVersions', versions: this.#groups(true).map(({ version }) => version), serverAddressByClientCIDRs };
  }

  /** `/apis`: `APIGroupList`. */
  groupList(): object {
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: this.#groups(false).map(groupEntry) };
  }

  /** `/apis/GROUP`: `APIGroup`, undefined for one that is not served. */
  group(name: string): object | undefined {
    const found = this.#groups(false).find(({ group }) => group === name);
    return found && { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(found) };
  }

  /** `/api/v1` and `/apis/GROUP/VERSION`: `APIResourceList`, undefined for what is not served. */
  resources(group: string, version: string): object | undefined {
    const found = this.#sections.find((section) => section.group === group && section.version === version);
    if (!found) return undefined;
    const entries = found.resources.flatMap((resource) => this.#entriesOf(resource));
    return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf(found), resources: entries };
  }

  #entriesOf(resource: ServedResource): object[] {
    const { info, subresources } = resource;
    const { namespaced } = info;
    const hash = resource.endpoint && Object.hasOwn(resource.handlers, 'get') ? this.#hashes.get(info.resource) : undefined;
    const parts = subresources.toSorted(byName(({ name }) => name)).map((part) => (
      { name: `${info.resource}/${part.name}`, singularName: '', namespaced, ...foreign(info, part), kind: part.info.kind, verbs: verbsOf(part) }
    ));
    const own = { name: info.resource, singularName: info.singular, namespaced, kind: info.kind, verbs: verbsOf(resource), ...namesOf(info) };
    return [{ ...own, ...(hash === undefined ? {} : { storageVersionHash: hash }) }, ...parts];
  }

  /** `apidiscovery.k8s.io/v2`: everything below `/api` or `/apis` in one answer, with a tag that is the same for the same answer. */
  aggregated(core: boolean): { body: object; etag: string } {
    const body = { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items: this.#groups(core).map(aggregatedGroup) };
    const etag = `"${createHash('sha512').update(JSON.stringify(body)).digest('hex').toUpperCase()}"`;
    return { body, etag };
  }

  /** The paths of groups and versions, for the list at `/`. */
  paths(): string[] {
    return this.#sections.flatMap(({ group, version }) => (group === '' ? ['/api', `/api/${version}`] : ['/apis', '/apis/', `/apis/${group}`, `/apis/${group}/${version}`]));
  }
}
