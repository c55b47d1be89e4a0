import { appArmorPrefix } from '../app-armor-annotation.ts';
import type { FieldError } from '../errors.ts';
import type { TemplateMeta } from '../object-meta.ts';
import { containersOf } from '../pod-containers.ts';
import { mirrorPodAnnotation } from '../pod-source.ts';
import type { PodSpec } from '../pod.ts';
import type { SeccompProfile } from '../security-context.ts';
import { forbidden, invalid } from './field-errors.ts';
import { checkDescending } from './paths.ts';

/** Annotations that meant something before there were fields, and still must not contradict these. */
export const podAnnotations = {
  mirror: mirrorPodAnnotation,
  deletionCost: 'controller.kubernetes.io/pod-deletion-cost',
  seccompPod: 'seccomp.security.alpha.kubernetes.io/pod',
  seccompContainerPrefix: 'container.seccomp.security.alpha.kubernetes.io/',
  appArmorPrefix,
} as const;

type Annotations = TemplateMeta['annotations'];

export function validatePodAnnotations(annotations: Annotations = {}, spec: PodSpec, path: string): FieldError[] {
  const { mirror, deletionCost } = podAnnotations;
  const mirrored = annotations[mirror];
  const cost = annotations[deletionCost];
  const isLost = mirrored !== undefined && !spec.nodeName;
  return [
    ...(isLost ? [invalid(`${path}[${mirror}]`, mirrored, 'must set spec.nodeName if mirror pod annotation is set')] : []),
    ...(cost === undefined || isCost(cost) ? [] : [invalid(`${path}[${deletionCost}]`, cost, 'must be a 32bit integer')]),
    ...validateSeccompAnnotations(annotations, path),
    ...validateAppArmorAnnotations(annotations, spec, path),
  ];
}

const isCost = (text: string) => /^(?:0|-?[1-9]\d{0,9})$/.test(text) && Number(text) >= -(2 ** 31) && Number(text) < 2 ** 31;

function validateSeccompAnnotations(annotations: Record<string, string>, path: string): FieldError[] {
  const { seccompPod, seccompContainerPrefix } = podAnnotations;
  const onPod = Object.entries(annotations).filter(([key]) => key === seccompPod);
  const onContainers = Object.entries(annotations).filter(([key]) => key.startsWith(seccompContainerPrefix));
  return [...onPod, ...onContainers].flatMap(([key, profile]) => {
    const at = `${path}.${key}`;
    if (profile.startsWith('localhost/')) return checkDescending(at, profile.slice('localhost/'.length));
    return ['runtime/default', 'docker/default', 'unconfined'].includes(profile) ? [] : [invalid(at, profile, 'must be a valid seccomp profile')];
  });
}

function validateAppArmorAnnotations(annotations: Record<string, string>, spec: PodSpec, path: string): FieldError[] {
  const { appArmorPrefix } = podAnnotations;
  const entries = Object.entries(annotations).filter(([key]) => key.startsWith(appArmorPrefix));
  if (entries.length === 0) return [];
  const names = new Set(containersOf(spec, '').map(([{ name }]) => name));
  return entries.flatMap(([key, profile]) => {
    const container = key.slice(appArmorPrefix.length);
    const isKnown = ['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith('localhost/');
    return [
      ...(names.has(container) ? [] : [invalid(`${path}[${key}]`, container, 'container not found')]),
      ...(isKnown ? [] : [invalid(`${path}[${key}]`, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`)]),
    ];
  });
}

/** On create, an annotation and a field that say the same thing must say it alike. */
export function validateProfilesMatch(annotations: Annotations = {}, spec: PodSpec, path: string): FieldError[] {
  return [...validateSeccompMatch(annotations, spec, path), ...validateAppArmorMatch(annotations, spec, path)];
}

function validateSeccompMatch(annotations: Record<string, string>, spec: PodSpec, path: string): FieldError[] {
  const { seccompPod, seccompContainerPrefix } = podAnnotations;
  const placed: [string | undefined, SeccompProfile | undefined, string][] = [
    [annotations[seccompPod], spec.securityContext?.seccompProfile, path],
    ...containersOf(spec, path).map(([{ name, securityContext }, at]): [string | undefined, SeccompProfile | undefined, string] =>
      [annotations[seccompContainerPrefix + name], securityContext?.seccompProfile, at]),
  ];
  return placed.flatMap(([annotation, profile, at]) => compare(annotation, profile, ['runtime/default', 'docker/default'], 'seccomp', `${at}.securityContext.seccompProfile`));
}

function validateAppArmorMatch(annotations: Record<string, string>, spec: PodSpec, path: string): FieldError[] {
  if (spec.os?.name === 'windows') return [];
  return containersOf(spec, path).flatMap(([{ name, securityContext }, at]) => {
    const profile = securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    return compare(annotations[podAnnotations.appArmorPrefix + name], profile, ['runtime/default'], 'apparmor', `${at}.securityContext.appArmorProfile`);
  });
}

function compare(annotation: string | undefined, profile: SeccompProfile | undefined, defaults: string[], what: string, path: string): FieldError[] {
  if (annotation === undefined || !profile) return [];
  const { type, localhostProfile } = profile;
  const otherType = [forbidden(`${path}.type`, `${what} type in annotation and field must match`)];
  if (type === 'Unconfined') return annotation === 'unconfined' ? [] : otherType;
  if (type === 'RuntimeDefault') return defaults.includes(annotation) ? [] : otherType;
  if (type !== 'Localhost') return [];
  if (!annotation.startsWith('localhost/')) return otherType;
  const isSame = annotation.slice('localhost/'.length) === localhostProfile;
  return isSame ? [] : [forbidden(`${path}.localhostProfile`, `${what} profile in annotation and field must match`)];
}

/** What the kubelet reads once stays as it was. */
export function validatePodAnnotationsUpdate(next: Annotations = {}, previous: Annotations = {}, path: string): FieldError[] {
  const fixed = (key: string) => (key === podAnnotations.mirror ? 'mirror pod annotation' : key.startsWith(podAnnotations.appArmorPrefix) ? 'AppArmor annotations' : '');
  const report = (key: string, verb: string) => forbidden(`${path}[${key}]`, `may not ${verb} ${fixed(key)}`);
  return [
    ...Object.keys(previous).filter((key) => fixed(key) && next[key] !== previous[key]).map((key) => report(key, 'remove or update')),
    ...Object.keys(next).filter((key) => fixed(key) && previous[key] === undefined).map((key) => report(key, 'add')),
  ];
}
