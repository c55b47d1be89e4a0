import type { Static } from 'typebox';
import { LabelSelectorSchema, type LabelSelector } from './object-meta.ts';
import { int32, int64, keepEmpty, list, model, named, oneOf, string } from './schema.ts';

export const NodeSelectorRequirementSchema = model(
  'core.v1.NodeSelectorRequirement',
  { key: string, operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt') },
  { values: list(string) },
);
export interface NodeSelectorRequirement extends Static<typeof NodeSelectorRequirementSchema> {}

const requirements = list(named<NodeSelectorRequirement>(NodeSelectorRequirementSchema));
export const NodeSelectorTermSchema = model('core.v1.NodeSelectorTerm', {}, { matchExpressions: requirements, matchFields: requirements }, { mapType: 'atomic' });
export interface NodeSelectorTerm extends Static<typeof NodeSelectorTermSchema> {}

export const NodeSelectorSchema = model('core.v1.NodeSelector', { nodeSelectorTerms: list(named<NodeSelectorTerm>(NodeSelectorTermSchema)) }, {}, { mapType: 'atomic' });
export interface NodeSelector extends Static<typeof NodeSelectorSchema> {}

export const PreferredSchedulingTermSchema = model('core.v1.PreferredSchedulingTerm', { weight: int32, preference: named<NodeSelectorTerm>(NodeSelectorTermSchema) }, {}, { defaults: { preference: {} } });
export interface PreferredSchedulingTerm extends Static<typeof PreferredSchedulingTermSchema> {}

export const NodeAffinitySchema = model(
  'core.v1.NodeAffinity',
  {},
  {
    requiredDuringSchedulingIgnoredDuringExecution: named<NodeSelector>(NodeSelectorSchema),
    preferredDuringSchedulingIgnoredDuringExecution: list(named<PreferredSchedulingTerm>(PreferredSchedulingTermSchema)),
  },
);
export interface NodeAffinity extends Static<typeof NodeAffinitySchema> {}

const labelSelector = named<LabelSelector>(LabelSelectorSchema);

export const PodAffinityTermSchema = model(
  'core.v1.PodAffinityTerm',
  { topologyKey: string },
  { labelSelector, namespaces: list(string), namespaceSelector: labelSelector, matchLabelKeys: list(string), mismatchLabelKeys: list(string) },
);
export interface PodAffinityTerm extends Static<typeof PodAffinityTermSchema> {}

export const WeightedPodAffinityTermSchema = model('core.v1.WeightedPodAffinityTerm', { weight: int32, podAffinityTerm: named<PodAffinityTerm>(PodAffinityTermSchema) }, {}, { defaults: { podAffinityTerm: {} } });
export interface WeightedPodAffinityTerm extends Static<typeof WeightedPodAffinityTermSchema> {}

const podAffinityTerms = {
  requiredDuringSchedulingIgnoredDuringExecution: list(named<PodAffinityTerm>(PodAffinityTermSchema)),
  preferredDuringSchedulingIgnoredDuringExecution: list(named<WeightedPodAffinityTerm>(WeightedPodAffinityTermSchema)),
};

export const PodAffinitySchema = model('core.v1.PodAffinity', {}, podAffinityTerms);
export interface PodAffinity extends Static<typeof PodAffinitySchema> {}

export const PodAntiAffinitySchema = model('core.v1.PodAntiAffinity', {}, podAffinityTerms);
export interface PodAntiAffinity extends Static<typeof PodAntiAffinitySchema> {}

export const AffinitySchema = model(
  'core.v1.Affinity',
  {},
  {
    nodeAffinity: named<NodeAffinity>(NodeAffinitySchema),
    podAffinity: named<PodAffinity>(PodAffinitySchema),
    podAntiAffinity: named<PodAntiAffinity>(PodAntiAffinitySchema),
  },
);
export interface Affinity extends Static<typeof AffinitySchema> {}

export const TolerationSchema = model(
  'core.v1.Toleration',
  {},
  {
    key: string,
    operator: oneOf('Exists', 'Equal', 'Lt', 'Gt'),
    value: string,
    /** '' tolerates every effect. */
    effect: named<'' | 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'>(oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute')),
    tolerationSeconds: keepEmpty(int64),
  },
);
export interface Toleration extends Static<typeof TolerationSchema> {}

export const TopologySpreadConstraintSchema = model(
  'core.v1.TopologySpreadConstraint',
  { maxSkew: int32, topologyKey: string, whenUnsatisfiable: oneOf('DoNotSchedule', 'ScheduleAnyway') },
  {
    labelSelector,
    minDomains: keepEmpty(int32),
    nodeAffinityPolicy: keepEmpty(oneOf('Ignore', 'Honor')),
    nodeTaintsPolicy: keepEmpty(oneOf('Ignore', 'Honor')),
    matchLabelKeys: list(string),
  },
);
export interface TopologySpreadConstraint extends Static<typeof TopologySpreadConstraintSchema> {}
