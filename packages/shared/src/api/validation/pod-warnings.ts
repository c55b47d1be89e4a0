import type { PodAffinity, NodeSelectorTerm } from '../affinity.ts';
import type { TemplateMeta } from '../object-meta.ts';
import { isDNS1123Label, isLabelValue } from '../names.ts';
import { containersOf, type AnyContainer } from '../pod-containers.ts';
import type { Pod, PodSpec } from '../pod.ts';
import { parseQuantity } from '../quantity.ts';
import { warnIp } from './ip.ts';
import { podAnnotations } from './pod-annotations.ts';
import { warnPorts } from './port-warnings.ts';
import { warnVolumes } from './volume-warnings.ts';

/** What is valid and yet most likely not what was meant. The texts and their order are Kubernetes'. */
export function warnOfPod({ metadata, spec }: Pod): string[] {
  const reasons = isDNS1123Label(metadata.name);
  const hostname = "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended";
  return [...(reasons.length > 0 ? [`${hostname}: [${reasons.join(' ')}]`] : []), ...warnOfPodSpec(metadata, spec, '')];
}

/** Of a status: addresses that are not written the standard way. */
export function warnOfPodStatus({ status }: Pod): string[] {
  return (['podIPs', 'hostIPs'] as const).flatMap((name) => (status?.[name] ?? []).flatMap(({ ip }, index) => warnIp(`status.${name}[${index}].ip`, ip)));
}

/** `prefix` is '' for a pod, `template.` for a template. */
export function warnOfPodSpec({ annotations }: TemplateMeta, spec: PodSpec, prefix: string): string[] {
  const path = `${prefix}spec`;
  return [
    ...warnNodeLabels(spec, path),
    ...warnSpread(spec, path),
    ...warnAnnotations(annotations, prefix),
    ...warnVolumes(spec.volumes, `${path}.volumes`),
    ...warnRepeats(spec, path),
    ...warnFractions(spec.overhead, `${path}.overhead`),
    ...warnContainers(spec, annotations, prefix),
    ...warnPorts(spec, path),
    ...warnAffinity(spec.affinity?.podAffinity, `${path}.affinity.podAffinity`),
    ...warnAffinity(spec.affinity?.podAntiAffinity, `${path}.affinity.podAntiAffinity`),
    ...(spec.dnsConfig?.nameservers ?? []).flatMap((ip, index) => warnIp(`${path}.dnsConfig.nameservers[${index}]`, ip)),
    ...(spec.hostAliases ?? []).flatMap(({ ip }, index) => warnIp(`${path}.hostAliases[${index}].ip`, ip)),
  ];
}

const deprecatedLabels: Record<string, string> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
};
const deprecation = (label: string) => (Object.hasOwn(deprecatedLabels, label) ? deprecatedLabels[label] : undefined);

function warnNodeLabels({ nodeSelector, affinity }: PodSpec, path: string): string[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: wanted, preferredDuringSchedulingIgnoredDuringExecution: preferred } = affinity?.nodeAffinity ?? {};
  const at = `${path}.affinity.nodeAffinity`;
  return [
    ...Object.keys(nodeSelector ?? {}).flatMap((key) => (deprecation(key) ? [`${path}.nodeSelector[${key}]: ${deprecation(key)}`] : [])),
    ...(wanted?.nodeSelectorTerms ?? []).flatMap((term, index) =>
      warnTerm(term, false, `${at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${index}]`)),
    ...(preferred ?? []).flatMap(({ preference }, index) => warnTerm(preference, true, `${at}.preferredDuringSchedulingIgnoredDuringExecution[${index}].preference`)),
  ];
}

function warnTerm({ matchExpressions = [] }: NodeSelectorTerm, checksValues: boolean, path: string): string[] {
  return matchExpressions.flatMap(({ key, values = [] }, index) => {
    const at = `${path}.matchExpressions[${index}]`;
    const bad = checksValues ? values.flatMap((value, place) => isLabelValue(value).map((reason) => `${at}.values[${place}]: ${value} is invalid, ${reason}`)) : [];
    return [...(deprecation(key) ? [`${at}.key: ${key} is ${deprecation(key)}`] : []), ...bad];
  });
}

const NO_SELECTOR = 'a null labelSelector results in matching no pod';

function warnSpread({ topologySpreadConstraints = [] }: PodSpec, path: string): string[] {
  return topologySpreadConstraints.flatMap(({ topologyKey, labelSelector }, index) => {
    const at = `${path}.topologySpreadConstraints[${index}]`;
    return [
      ...(deprecation(topologyKey) ? [`${at}.topologyKey: ${topologyKey} is ${deprecation(topologyKey)}`] : []),
      ...(labelSelector ? [] : [`${at}.labelSelector: ${NO_SELECTOR}`]),
    ];
  });
}

const deadAnnotations: [key: string, detail: string][] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
];

function warnAnnotations(annotations: TemplateMeta['annotations'] = {}, prefix: string): string[] {
  return deadAnnotations.filter(([key]) => annotations[key] !== undefined).map(([key, detail]) => `${prefix}metadata.annotations[${key}]: ${detail}`);
}

function warnRepeats({ hostAliases = [], imagePullSecrets = [] }: PodSpec, path: string): string[] {
  return [
    ...repeats(hostAliases.map(({ ip }) => ip)).map(([ip, index]) => `${path}.hostAliases[${index}].ip: duplicate ip ${JSON.stringify(ip)}`),
    ...repeats(imagePullSecrets.map(({ name = '' }) => name)).map(([name, index]) => `${path}.imagePullSecrets[${index}].name: duplicate name ${JSON.stringify(name)}`),
    ...imagePullSecrets.flatMap(({ name }, index) => (name ? [] : [`${path}.imagePullSecrets[${index}].name: invalid empty name ""`])),
  ];
}

function repeats(values: string[]): [value: string, index: number][] {
  const seen = new Set<string>();
  return values.flatMap((value, index): [string, number][] => {
    if (seen.has(value)) return [[value, index]];
    seen.add(value);
    return [];
  });
}

const NANOS = 1_000_000_000n;

/** Bytes come whole. */
function warnFractions(list: Record<string, string> | undefined, path: string, names: string[] = ['memory', 'ephemeral-storage']): string[] {
  return names.flatMap((name) => {
    const amount = list?.[name];
    const isFraction = amount !== undefined && parseQuantity(amount) % NANOS !== 0n;
    return isFraction ? [`${path}[${name}]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`] : [];
  });
}

function warnContainers(spec: PodSpec, annotations: TemplateMeta['annotations'] = {}, prefix: string): string[] {
  const { seccompPod, seccompContainerPrefix } = podAnnotations;
  const dead = (key: string) => `${prefix}metadata.annotations[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`;
  const isUnused = (key: string, context: { seccompProfile?: unknown } | undefined) => annotations[key] !== undefined && !context?.seccompProfile;
  return [
    ...(isUnused(seccompPod, spec.securityContext) ? [dead(seccompPod)] : []),
    ...containersOf(spec, `${prefix}spec`).flatMap(([container, path]) => [
      ...(isUnused(seccompContainerPrefix + container.name, container.securityContext) ? [dead(seccompContainerPrefix + container.name)] : []),
      ...['memory', 'ephemeral-storage'].flatMap((name) => (['limits', 'requests'] as const).flatMap((what) =>
        warnFractions(container.resources?.[what], `${path}.resources.${what}`, [name]))),
      ...warnEnv(container, path),
    ]),
  ];
}

/** A variable may be given anew if it takes up what it was. */
function warnEnv({ env = [] }: AnyContainer, path: string): string[] {
  return repeats(env.map(({ name }) => name)).flatMap(([name, index]) => {
    const { value = '', valueFrom } = env[index] ?? {};
    const own = `$(${name})`;
    const extends_ = !valueFrom && value !== own && value.includes(own);
    return extends_ ? [] : [`${path}.env[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`];
  });
}

function warnAffinity(affinity: PodAffinity | undefined, path: string): string[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: wanted = [], preferredDuringSchedulingIgnoredDuringExecution: preferred = [] } = affinity ?? {};
  return [
    ...wanted.flatMap(({ labelSelector }, index) => (labelSelector ? [] : [`${path}.requiredDuringSchedulingIgnoredDuringExecution[${index}].labelSelector: ${NO_SELECTOR}`])),
    ...preferred.flatMap(({ podAffinityTerm: { labelSelector } }, index) =>
      labelSelector ? [] : [`${path}.preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm.labelSelector: ${NO_SELECTOR}`]),
  ];
}
