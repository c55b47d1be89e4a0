import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName } from '../names.ts';
import { containersOf } from '../pod-containers.ts';
import type { PodSpec } from '../pod.ts';
import { validateAffinity } from './affinity.ts';
import { validateContainers } from './container.ts';
import { check, checkOptional, checkRange, checkRequiredMember, duplicate, eachOf, invalid, notFound, required } from './field-errors.ts';
import { validateLabels } from './object-meta.ts';
import { validateDns, validateHostAliases, validateHostnameOverride, validateHostNetworkPorts } from './pod-network.ts';
import { validateHostProcess, validateHostUsers, validateOs } from './pod-os.ts';
import { validatePodResources } from './pod-resources.ts';
import { validatePodClaims } from './resource-claims.ts';
import { validateResources } from './resources.ts';
import { validatePodSecurity } from './security-context.ts';
import { validateTolerations } from './toleration.ts';
import { validateTopologySpread } from './topology-spread.ts';
import { validateVolumes, type VolumeOwner } from './volume.ts';

/** Also of a grace period: a deletion later than that has no date. */
const MAX_SECONDS = 2 ** 31 - 1;

/** All violations of a pod's spec or of a template's, in Kubernetes' order. */
export function validatePodSpec(spec: PodSpec, owner: VolumeOwner, path: string): FieldError[] {
  const volumes = validateVolumes(spec.volumes, owner, `${path}.volumes`);
  const claims = new Set(spec.resourceClaims?.flatMap(({ name }) => (name === '' ? [] : [name])));
  const context = {
    volumes: volumes.valid, claims, restartPolicy: spec.restartPolicy, hostUsers: spec.hostUsers !== false,
    gracePeriodSeconds: spec.terminationGracePeriodSeconds, os: spec.os?.name,
  };
  return [
    ...validateGracePeriod(spec.terminationGracePeriodSeconds, `${path}.terminationGracePeriodSeconds`),
    ...volumes.errors,
    ...validatePodClaims(spec.resourceClaims, `${path}.resourceClaims`),
    ...validateContainers(spec, context, path),
    ...validatePodResources(spec, claims, `${path}.resources`),
    ...validateHostNetworkPorts(spec, owner.isPod, path),
    ...validatePlacement(spec, path),
    ...validateIdentity(spec, path),
    ...validateRest(spec, path),
  ];
}

function validateGracePeriod(seconds: number | undefined, path: string): FieldError[] {
  if (seconds === undefined) return [required(path)];
  return seconds > MAX_SECONDS ? [invalid(path, seconds, `must be less than or equal to ${MAX_SECONDS}`)] : [];
}

const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];

function validatePlacement(spec: PodSpec, path: string): FieldError[] {
  return [
    ...checkRequiredMember(`${path}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...checkRequiredMember(`${path}.dnsPolicy`, spec.dnsPolicy, dnsPolicies),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validatePodSecurity(spec, path),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...validateDns(spec, `${path}.dnsConfig`),
    ...eachOf(spec.readinessGates, `${path}.readinessGates`, ({ conditionType }, at) => check(`${at}.conditionType`, conditionType, isQualifiedName)),
    ...validateSchedulingGates(spec.schedulingGates, `${path}.schedulingGates`),
    ...validateTopologySpread(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
    ...validateHostProcess(spec, path),
    ...validateHostUsers(spec, path),
    ...validateHostnameOverride(spec, `${path}.hostnameOverride`),
  ];
}

function validateSchedulingGates(gates: PodSpec['schedulingGates'], path: string): FieldError[] {
  const names = new Set<string>();
  return eachOf(gates, path, ({ name }, at) => {
    const errors = [...check(at, name, isQualifiedName), ...(names.has(name) ? [duplicate(at, name)] : [])];
    names.add(name);
    return errors;
  });
}

function validateIdentity(spec: PodSpec, path: string): FieldError[] {
  const { runtimeClassName, preemptionPolicy } = spec;
  return [
    ...checkOptional(`${path}.serviceAccountName`, spec.serviceAccountName, isDNS1123Subdomain),
    ...checkOptional(`${path}.nodeName`, spec.nodeName, isDNS1123Subdomain),
    ...checkRange(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 1, MAX_SECONDS),
    ...checkOptional(`${path}.hostname`, spec.hostname, isDNS1123Label),
    ...checkOptional(`${path}.subdomain`, spec.subdomain, isDNS1123Label),
    ...validateTolerations(spec.tolerations, `${path}.tolerations`),
    ...validateHostAliases(spec.hostAliases, `${path}.hostAliases`),
    ...checkOptional(`${path}.priorityClassName`, spec.priorityClassName, isDNS1123Subdomain),
    ...(runtimeClassName === undefined ? [] : check(`${path}.runtimeClassName`, runtimeClassName, isDNS1123Subdomain)),
    ...(preemptionPolicy === undefined ? [] : checkRequiredMember(`${path}.preemptionPolicy`, preemptionPolicy, ['PreemptLowerPriority', 'Never'])),
  ];
}

function validateRest(spec: PodSpec, path: string): FieldError[] {
  const { overhead, schedulingGroup } = spec;
  return [
    ...(overhead ? validateResources({ limits: overhead }, new Set(), `${path}.overhead`) : []),
    ...validateOs(spec, path),
    ...(schedulingGroup ? validateSchedulingGroup(schedulingGroup.podGroupName, `${path}.schedulingGroup.podGroupName`) : []),
    ...validateVariableFiles(spec, path),
  ];
}

function validateSchedulingGroup(name: string | undefined, path: string): FieldError[] {
  return name === undefined ? [invalid(path, null, 'must specify one of: `podGroupName`')] : check(path, name, isDNS1123Subdomain);
}

/** Variables are read from files that another container has written: these lie in an emptyDir. */
function validateVariableFiles(spec: PodSpec, path: string): FieldError[] {
  const volumes = new Map(spec.volumes?.map((volume) => [volume.name, volume]));
  return containersOf(spec, path).flatMap(([{ env }, at]) => eachOf(env, `${at}.env`, ({ valueFrom }, variable) => {
    if (!valueFrom?.fileKeyRef) return [];
    const { volumeName } = valueFrom.fileKeyRef;
    const field = `${variable}.valueFrom.fileKeyRef.volumeName`;
    const volume = volumes.get(volumeName);
    if (!volume) return [notFound(field, volumeName)];
    return volume.emptyDir ? [] : [invalid(field, volumeName, 'referenced volume must be of type emptyDir')];
  }));
}
