import type { Static } from 'typebox';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { ObjectReferenceSchema, type ObjectReference } from './object-reference.ts';
import { boolean, int32, keepEmpty, list, model, named, oneOf, setOf, string, stringMap, unlisted } from './schema.ts';

const ForZoneSchema = model('discovery.v1.ForZone', { name: string }, {});
interface ForZone extends Static<typeof ForZoneSchema> {}
const ForNodeSchema = model('discovery.v1.ForNode', { name: string }, {});
interface ForNode extends Static<typeof ForNodeSchema> {}
const EndpointHintsSchema = model('discovery.v1.EndpointHints', {}, { forZones: list(named<ForZone>(ForZoneSchema)), forNodes: list(named<ForNode>(ForNodeSchema)) });
export interface EndpointHints extends Static<typeof EndpointHintsSchema> {}

const EndpointConditionsSchema = model(
  'discovery.v1.EndpointConditions', {}, { ready: keepEmpty(boolean), serving: keepEmpty(boolean), terminating: keepEmpty(boolean) },
);

export const EndpointSchema = model(
  'discovery.v1.Endpoint',
  { addresses: setOf(string) },
  {
    conditions: EndpointConditionsSchema,
    hostname: keepEmpty(string),
    targetRef: named<ObjectReference>(ObjectReferenceSchema),
    deprecatedTopology: stringMap,
    nodeName: keepEmpty(string),
    zone: keepEmpty(string),
    hints: named<EndpointHints>(EndpointHintsSchema),
  },
  { defaults: { conditions: {} } },
);
export interface Endpoint extends Static<typeof EndpointSchema> {}

export const DiscoveryEndpointPortSchema = model(
  'discovery.v1.EndpointPort',
  {},
  { name: keepEmpty(string), protocol: keepEmpty(unlisted(oneOf('SCTP', 'TCP', 'UDP'))), port: keepEmpty(int32), appProtocol: keepEmpty(string) },
  { mapType: 'atomic' },
);
export interface DiscoveryEndpointPort extends Static<typeof DiscoveryEndpointPortSchema> {}

/** A part of the endpoints of a service, all with the same ports. */
export const EndpointSliceSchema = model(
  'discovery.v1.EndpointSlice',
  {
    metadata: named<ObjectMeta>(ObjectMetaSchema),
    addressType: unlisted(oneOf('FQDN', 'IPv4', 'IPv6')),
    endpoints: list(named<Endpoint>(EndpointSchema)),
    ports: list(named<DiscoveryEndpointPort>(DiscoveryEndpointPortSchema)),
  },
  typeMeta,
  { implied: ['metadata', 'endpoints', 'ports'], defaults: { metadata: {} } },
);
export interface EndpointSlice extends Static<typeof EndpointSliceSchema> {}
