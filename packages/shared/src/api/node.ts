import type { Static } from 'typebox';
import { NodeStatusSchema, type NodeStatus } from './node-status.ts';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { boolean, list, mergeSet, model, named, oneOf, string, time } from './schema.ts';
import { NodeConfigSourceSchema } from './node-config-source.ts';

export const TaintSchema = model(
  'core.v1.Taint',
  { key: string, effect: oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute') },
  { value: string, timeAdded: time },
);
export interface Taint extends Static<typeof TaintSchema> {}

export const NodeSpecSchema = model(
  'core.v1.NodeSpec',
  {},
  {
    podCIDR: string,
    podCIDRs: mergeSet(string),
    providerID: string,
    unschedulable: boolean,
    taints: list(named<Taint>(TaintSchema)),
    configSource: NodeConfigSourceSchema,
    externalID: string,
  },
);
export interface NodeSpec extends Static<typeof NodeSpecSchema> {}

export const NodeSchema = model(
  'core.v1.Node',
  { metadata: named<ObjectMeta>(ObjectMetaSchema) },
  { ...typeMeta, spec: named<NodeSpec>(NodeSpecSchema), status: named<NodeStatus>(NodeStatusSchema) },
  { implied: ['metadata'], defaults: { metadata: {}, spec: {}, status: {} } },
);
export interface Node extends Static<typeof NodeSchema> {}
