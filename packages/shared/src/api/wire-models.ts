import { DeleteOptionsSchema } from './delete-options.ts';
import { ListMetaSchema, typeMeta } from './object-meta.ts';
import { anyObject, boolean, int32, list, model, named, string } from './schema.ts';
import { asSchema, type SchemaNode } from './schema-node.ts';

/** What goes over the wire without being a kind of its own: answers, options, discovery. OpenAPI describes them. */

const RawExtensionSchema = named<unknown>({ ...anyObject, 'x-podling-model': 'runtime.RawExtension' });
const PatchSchema = named<unknown>({ ...anyObject, 'x-podling-model': 'meta.v1.Patch' });

const StatusCauseSchema = model('meta.v1.StatusCause', {}, { reason: string, message: string, field: string });

const StatusDetailsSchema = model(
  'meta.v1.StatusDetails',
  {},
  { name: string, group: string, kind: string, uid: string, causes: list(StatusCauseSchema), retryAfterSeconds: int32 },
);

const StatusSchema = model(
  'meta.v1.Status',
  {},
  { ...typeMeta, metadata: ListMetaSchema, status: string, message: string, reason: string, details: StatusDetailsSchema, code: int32 },
  { defaults: { metadata: {} } },
);

const WatchEventSchema = model('meta.v1.WatchEvent', { type: string, object: RawExtensionSchema }, {});

const APIResourceSchema = model(
  'meta.v1.APIResource',
  { name: string, singularName: string, namespaced: boolean, kind: string, verbs: listOf(string) },
  { group: string, version: string, shortNames: list(string), categories: list(string), storageVersionHash: string },
);

const APIResourceListSchema = model('meta.v1.APIResourceList', { groupVersion: string, resources: list(APIResourceSchema) }, typeMeta);

const GroupVersionForDiscoverySchema = model('meta.v1.GroupVersionForDiscovery', { groupVersion: string, version: string }, {});
const ServerAddressByClientCIDRSchema = model('meta.v1.ServerAddressByClientCIDR', { clientCIDR: string, serverAddress: string }, {});

const APIGroupSchema = model(
  'meta.v1.APIGroup',
  { name: string, versions: list(GroupVersionForDiscoverySchema) },
  { ...typeMeta, preferredVersion: GroupVersionForDiscoverySchema, serverAddressByClientCIDRs: list(ServerAddressByClientCIDRSchema) },
  { defaults: { preferredVersion: {} } },
);

const APIGroupListSchema = model('meta.v1.APIGroupList', { groups: list(APIGroupSchema) }, typeMeta);

const APIVersionsSchema = model(
  'meta.v1.APIVersions',
  { versions: list(string), serverAddressByClientCIDRs: list(ServerAddressByClientCIDRSchema) },
  typeMeta,
);

const VersionInfoSchema = model(
  'version.Info',
  {
    major: string, minor: string, gitVersion: string, gitCommit: string, gitTreeState: string, buildDate: string, goVersion: string,
    compiler: string, platform: string,
  },
  { emulationMajor: string, emulationMinor: string, minCompatibilityMajor: string, minCompatibilityMinor: string },
);

/** A list that says nothing of how it merges. */
function listOf(items: typeof string) {
  const { type, items: element } = list(items);
  return named<string[]>({ type, items: element });
}

const all = [
  APIGroupListSchema, APIGroupSchema, APIResourceListSchema, APIVersionsSchema, DeleteOptionsSchema, ListMetaSchema, PatchSchema, StatusSchema,
  VersionInfoSchema, WatchEventSchema,
].map(asSchema);

/** By the last part of their names: `DeleteOptions`. */
export const wireModels: ReadonlyMap<string, SchemaNode> = new Map(
  all.map((schema) => [(schema['x-podling-model'] ?? '').split('.').at(-1) ?? '', schema]),
);
