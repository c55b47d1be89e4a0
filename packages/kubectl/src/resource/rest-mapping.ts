import { isNotFound } from '@podling/shared/errors';
import type { RestClient } from '@podling/shared/client';
import { CommandError } from '../errors.ts';

/** One served resource, as discovery describes it. */
export interface RestMapping {
  group: string;
  version: string;
  /** Plural: `pods`. */
  resource: string;
  singular: string;
  kind: string;
  namespaced: boolean;
  shortNames: string[];
  categories: string[];
  verbs: string[];
}

interface ApiResource {
  name: string;
  singularName?: string;
  namespaced: boolean;
  kind: string;
  verbs?: string[];
  shortNames?: string[];
  categories?: string[];
}

interface ApiResourceList {
  groupVersion: string;
  resources: ApiResource[];
}

interface ApiGroupList {
  groups: { name: string; versions: { groupVersion: string }[]; preferredVersion?: { groupVersion: string } }[];
}

/** `pods`, `leases.coordination.k8s.io`. */
export function qualifiedName(mapping: RestMapping): string {
  return mapping.group === '' ? mapping.resource : `${mapping.resource}.${mapping.group}`;
}

/** How one object's type is written in messages: `pod`, `lease.coordination.k8s.io`. */
export function typeLabel(mapping: RestMapping): string {
  const kind = mapping.kind.toLowerCase();
  return mapping.group === '' ? kind : `${kind}.${mapping.group}`;
}

export function apiVersionOf({ group, version }: RestMapping): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The URL path of a collection or of one object. Without a namespace: of all namespaces. */
export function resourcePath(mapping: RestMapping, at: { namespace?: string | undefined; name?: string | undefined; subresource?: string }): string {
  const parts = [mapping.group === '' ? '/api' : `/apis/${mapping.group}`, mapping.version];
  if (mapping.namespaced && at.namespace !== undefined) parts.push('namespaces', encodeURIComponent(at.namespace));
  parts.push(mapping.resource);
  if (at.name !== undefined) parts.push(encodeURIComponent(at.name));
  if (at.subresource !== undefined) parts.push(at.subresource);
  return parts.join('/');
}

function toMapping(groupVersion: string, resource: ApiResource): RestMapping {
  const slash = groupVersion.indexOf('/');
  return {
    group: slash < 0 ? '' : groupVersion.slice(0, slash),
    version: groupVersion.slice(slash + 1),
    resource: resource.name,
    singular: resource.singularName === undefined || resource.singularName === '' ? resource.kind.toLowerCase() : resource.singularName,
    kind: resource.kind,
    namespaced: resource.namespaced,
    shortNames: resource.shortNames ?? [],
    categories: resource.categories ?? [],
    verbs: resource.verbs ?? [],
  };
}

function matches(mapping: RestMapping, type: string): boolean {
  const names = [mapping.resource, mapping.singular, mapping.kind.toLowerCase(), ...mapping.shortNames];
  return names.some((name) => type === name || type === `${name}.${mapping.group}` || type === `${name}.${mapping.version}.${mapping.group}`);
}

/** The resources of one group and version, but for subresources. */
function toMappings(groupVersion: string, { resources }: ApiResourceList): RestMapping[] {
  return resources.filter((r) => !r.name.includes('/')).map((r) => toMapping(groupVersion, r));
}

const isResourceList = (value: unknown): value is ApiResourceList =>
  typeof value === 'object' && value !== null && Array.isArray((value as Partial<ApiResourceList>).resources);

/** What is remembered of a server's resources between commands. */
export interface RememberedLists {
  /** Undefined when there is nothing, or nothing young enough. */
  read(groupVersion: string): unknown;
  write(groupVersion: string, list: object): void;
}

/**
 * Finds resources by the names people type, through discovery. The core group is looked at first and alone, since most
 * commands need no other, in what is remembered if it is there; the server is asked when a name is not found.
 */
export class RestMapper {
  readonly #rest: RestClient;
  readonly #remembered: RememberedLists | undefined;
  readonly #known = new Map<string, Promise<RestMapping[]>>();
  readonly #fetched = new Map<string, Promise<RestMapping[]>>();
  #groupVersions: Promise<string[]> | undefined;

  constructor(rest: RestClient, remembered?: RememberedLists) {
    this.#rest = rest;
    this.#remembered = remembered;
  }

  /** One mapping for a name, several for a category (`all`). */
  async resolve(typed: string): Promise<RestMapping[]> {
    const type = typed.toLowerCase();
    const inCore = (await this.#version('v1')).find((m) => matches(m, type));
    if (inCore !== undefined) return [inCore];
    const all = await this.all();
    const found = all.find((m) => matches(m, type));
    if (found !== undefined) return [found];
    const category = all.filter((m) => m.categories.includes(type));
    if (category.length > 0) return category;
    throw new CommandError(`the server doesn't have a resource type "${typed}"`);
  }

  /** Undefined when the server does not serve the kind. */
  async forKind(apiVersion: string, kind: string): Promise<RestMapping | undefined> {
    const known = (await this.#version(apiVersion)).find((m) => m.kind === kind);
    return known ?? (await this.#fetch(apiVersion)).find((m) => m.kind === kind);
  }

  /** Every resource as the server says now, core first, then the groups in its order. */
  async all(): Promise<RestMapping[]> {
    const groupVersions = await (this.#groupVersions ??= this.#listGroupVersions());
    const lists = await Promise.all(['v1', ...groupVersions].map((gv) => this.#fetch(gv)));
    return lists.flat();
  }

  async #listGroupVersions(): Promise<string[]> {
    const { groups } = await this.#rest.request<ApiGroupList>({ path: '/apis' });
    return groups.flatMap((g) => g.preferredVersion?.groupVersion ?? g.versions[0]?.groupVersion ?? []);
  }

  #version(groupVersion: string): Promise<RestMapping[]> {
    return once(this.#known, groupVersion, async () => {
      const remembered = this.#remembered?.read(groupVersion);
      return isResourceList(remembered) ? toMappings(groupVersion, remembered) : this.#fetch(groupVersion);
    });
  }

  #fetch(groupVersion: string): Promise<RestMapping[]> {
    return once(this.#fetched, groupVersion, async () => {
      const path = groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
      try {
        const list = await this.#rest.request<ApiResourceList>({ path });
        this.#remembered?.write(groupVersion, list);
        return toMappings(groupVersion, list);
      } catch (error) {
        if (isNotFound(error)) return [];
        throw error;
      }
    });
  }
}

function once<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = made.get(key) ?? make();
  made.set(key, found);
  return found;
}
