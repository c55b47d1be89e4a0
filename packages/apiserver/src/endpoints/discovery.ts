import type { ServedResource, ServedSubresource } from './endpoint.ts';

function listNames({ shortNames, categories }: ServedResource['info']): object {
  return { ...(shortNames.length > 0 ? { shortNames } : {}), ...(categories.length > 0 ? { categories } : {}) };
}

/** Group and version of a subresource's bodies, where they are not those of the resource. */
function foreign(info: ServedResource['info'], part: ServedSubresource): object {
  const { group, version } = part.info;
  return group === info.group && version === info.version ? {} : { group, version };
}

/** `APIResourceList` of one group and version. */
function resourceList(groupVersion: string, resources: readonly ServedResource[]): object {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: resources.flatMap((resource) => {
      const { info } = resource;
      const { namespaced } = info;
      return [
        { name: info.resource, singularName: info.singular, namespaced, kind: info.kind, verbs: Object.keys(resource.handlers), ...listNames(info) },
        ...resource.subresources.map((part) => ({ name: `${info.resource}/${part.name}`, singularName: '', namespaced, ...foreign(info, part), kind: part.info.kind, verbs: Object.keys(part.handlers) })),
      ];
    }),
  };
}

function aggregatedResource(resource: ServedResource): object {
  const { info } = resource;
  const responseKind = { group: info.group, version: info.version, kind: info.kind };
  const subresources = resource.subresources.map(({ name, info: { group, version, kind }, handlers }) => ({
    subresource: name, responseKind: { group, version, kind }, verbs: Object.keys(handlers),
  }));
  return {
    resource: info.resource, responseKind, scope: info.namespaced ? 'Namespaced' : 'Cluster', singularResource: info.singular, verbs: Object.keys(resource.handlers),
    ...listNames(info), ...(subresources.length > 0 ? { subresources } : {}),
  };
}

function aggregatedGroup(group: string, version: string, resources: readonly ServedResource[]): object {
  return {
    metadata: { name: group, creationTimestamp: null },
    versions: [{ version, resources: resources.map(aggregatedResource), freshness: 'Current' }],
  };
}

/** What discovery answers, for the served resources; made once. Upstream twin: apiserver's `endpoints/discovery`. */
export class Discovery {
  readonly #byGroupVersion = new Map<string, ServedResource[]>();

  constructor(resources: readonly ServedResource[]) {
    for (const resource of resources) {
      const key = `${resource.info.group}/${resource.info.version}`;
      this.#byGroupVersion.set(key, [...(this.#byGroupVersion.get(key) ?? []), resource]);
    }
  }

  #groups(core: boolean): { group: string; version: string; resources: ServedResource[] }[] {
    return [...this.#byGroupVersion].map(([key, resources]) => {
      const [group = '', version = ''] = key.split('/');
      return { group, version, resources };
    }).filter(({ group }) => (group === '') === core);
  }

  /** `/api`: `APIVersions`. */
  apiVersions(): object {
    return { kind: 'APIVersions', versions: this.#groups(true).map(({ version }) => version), serverAddressByClientCIDRs: [] };
  }

  /** `/apis`: `APIGroupList`. */
  groupList(): object {
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: this.#groups(false).map(({ group, version }) => groupEntry(group, version)) };
  }

  /** `/apis/GROUP`: `APIGroup`, undefined for one that is not served. */
  group(name: string): object | undefined {
    const found = this.#groups(false).find(({ group }) => group === name);
    return found && { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(found.group, found.version) };
  }

  /** `/api/v1` and `/apis/GROUP/VERSION`, undefined for what is not served. */
  resources(group: string, version: string): object | undefined {
    const resources = this.#byGroupVersion.get(`${group}/${version}`);
    return resources && resourceList(group === '' ? version : `${group}/${version}`, resources);
  }

  /** `apidiscovery.k8s.io/v2`: everything in one answer. */
  aggregated(core: boolean): object {
    const items = this.#groups(core).map(({ group, version, resources }) => aggregatedGroup(group, version, resources));
    return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
  }
}

function groupEntry(group: string, version: string): object {
  const entry = { groupVersion: `${group}/${version}`, version };
  return { name: group, versions: [entry], preferredVersion: entry };
}
