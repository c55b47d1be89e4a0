import type { Static } from 'typebox';
import { LabelSelectorSchema, type LabelSelector } from './object-meta.ts';
import { int32, int64, list, named, oneOf, string, struct } from './schema.ts';

export const NodeSelectorRequirementSchema = struct(
  { key: string, operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt') },
  { values: list(string) },
);
export interface NodeSelectorRequirement extends Static<typeof NodeSelectorRequirementSchema> {}

const requirements = list(named<NodeSelectorRequirement>(NodeSelectorRequirementSchema));
export const NodeSelectorTermSchema = struct({}, { matchExpressions: requirements, matchFields: requirements });
export interface NodeSelectorTerm extends Static<typeof NodeSelectorTermSchema> {}

export const NodeSelectorSchema = struct({ nodeSelectorTerms: list(named<NodeSelectorTerm>(NodeSelectorTermSchema)) }, {});
export interface NodeSelector extends Static<typeof NodeSelectorSchema> {}

export const PreferredSchedulingTermSchema = struct({ weight: int32, preference: named<NodeSelectorTerm>(NodeSelectorTermSchema) }, {});
export interface PreferredSchedulingTerm extends Static<typeof PreferredSchedulingTermSchema> {}

export const NodeAffinitySchema = struct(
  {},
  {
    requiredDuringSchedulingIgnoredDuringExecution: named<NodeSelector>(NodeSelectorSchema),
    preferredDuringSchedulingIgnoredDuringExecution: list(named<PreferredSchedulingTerm>(PreferredSchedulingTermSchema)),
  },
);
export interface NodeAffinity extends Static<typeof NodeAffinitySchema> {}

const labelSelector = named<LabelSelector>(LabelSelectorSchema);

export const PodAffinityTermSchema = struct(
  { topologyKey: string },
  { labelSelector, namespaces: list(string), namespaceSelector: labelSelector, matchLabelKeys: list(string), mismatchLabelKeys: list(string) },
);
export interface PodAffinityTerm extends Static<typeof PodAffinityTermSchema> {}

export const WeightedPodAffinityTermSchema = struct({ weight: int32, podAffinityTerm: named<PodAffinityTerm>(PodAffinityTermSchema) }, {});
export interface WeightedPodAffinityTerm extends Static<typeof WeightedPodAffinityTermSchema> {}

/** The shape of podAffinity and of podAntiAffinity. */
export const PodAffinitySchema = struct(
  {},
  {
    requiredDuringSchedulingIgnoredDuringExecution: list(named<PodAffinityTerm>(PodAffinityTermSchema)),
    preferredDuringSchedulingIgnoredDuringExecution: list(named<WeightedPodAffinityTerm>(WeightedPodAffinityTermSchema)),
  },
);
export interface PodAffinity extends Static<typeof PodAffinitySchema> {}
export interface PodAntiAffinity extends Static<typeof PodAffinitySchema> {}

export const AffinitySchema = struct(
  {},
  {
    nodeAffinity: named<NodeAffinity>(NodeAffinitySchema),
    podAffinity: named<PodAffinity>(PodAffinitySchema),
    podAntiAffinity: named<PodAntiAffinity>(PodAffinitySchema),
  },
);
export interface Affinity extends Static<typeof AffinitySchema> {}

export const TolerationSchema = struct(
  {},
  {
    key: string,
    operator: oneOf('Exists', 'Equal', 'Lt', 'Gt'),
    value: string,
    /** '' tolerates every effect. */
    effect: named<'' | 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'>(oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute')),
    tolerationSeconds: int64,
  },
);
export interface Toleration extends Static<typeof TolerationSchema> {}

export const TopologySpreadConstraintSchema = struct(
  { maxSkew: int32, topologyKey: string, whenUnsatisfiable: oneOf('DoNotSchedule', 'ScheduleAnyway') },
  {
    labelSelector,
    minDomains: int32,
    nodeAffinityPolicy: oneOf('Ignore', 'Honor'),
    nodeTaintsPolicy: oneOf('Ignore', 'Honor'),
    matchLabelKeys: list(string),
  },
);
export interface TopologySpreadConstraint extends Static<typeof TopologySpreadConstraintSchema> {}
