import type { ContainerStatus } from '../container-status.ts';
import type { Container } from '../container.ts';
import type { FieldError } from '../errors.ts';
import type { PodStatus } from '../pod-status.ts';
import type { PodSpec } from '../pod.ts';
import { checkMember, checkRange, duplicate, eachOf, forbidden, invalid, required, tooLong } from './field-errors.ts';

const MAX_ID = 2 ** 31 - 1;
const MAX_IMAGE_REF = 256;
const MAX_HEALTH_MESSAGE = 1024;
const lists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

/** A container that has ended stays ended, unless its policy starts it again. */
export function validateContainerStatuses(next: PodStatus, previous: PodStatus, spec: PodSpec): FieldError[] {
  const each = (validate: (status: ContainerStatus, path: string) => FieldError[]) => lists.flatMap((list) => eachOf(next[list], `status.${list}`, validate));
  return [
    ...validateTransitions(next.containerStatuses, previous.containerStatuses, 'status.containerStatuses', (name, code) => mayRestart(find(spec.containers, name), spec, code)),
    ...validateTransitions(next.initContainerStatuses, previous.initContainerStatuses, 'status.initContainerStatuses', (name, code) => mayRestart(find(spec.initContainers, name), spec, code)),
    ...validateTransitions(next.ephemeralContainerStatuses, previous.ephemeralContainerStatuses, 'status.ephemeralContainerStatuses', () => false),
    ...each((status, path) => validateUser(status, spec, `${path}.user.linux`)),
    ...eachOf(next.containerStatuses, 'status.containerStatuses', (status, path) => validateAllocated(status, spec.containers, path)),
    ...eachOf(next.initContainerStatuses, 'status.initContainerStatuses', (status, path) => validateAllocated(status, spec.initContainers, path)),
    ...eachOf(next.ephemeralContainerStatuses, 'status.ephemeralContainerStatuses', ({ allocatedResourcesStatus }, path) =>
      allocatedResourcesStatus?.length ? [forbidden(`${path}.allocatedResourcesStatus`, 'must not be specified in container status')] : []),
    ...each(validateImages),
  ];
}

const find = (containers: Container[] | undefined, name: string) => containers?.find((container) => container.name === name);

/** The container's own rules come first, then its policy, then its pod's. */
function mayRestart(container: Container | undefined, { restartPolicy: ofPod }: PodSpec, exitCode: number): boolean {
  if (!container) return ofPod === 'Always';
  const rule = container.restartPolicyRules?.find(({ exitCodes }) => exitCodes?.values?.includes(exitCode) === (exitCodes?.operator === 'In'));
  if (rule) return true;
  const policy = container.restartPolicy ?? ofPod;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

type Statuses = ContainerStatus[] | undefined;

function validateTransitions(next: Statuses, previous: Statuses, path: string, isAllowed: (name: string, exitCode: number) => boolean): FieldError[] {
  return eachOf(previous, path, ({ name, state }, at) => {
    if (!state?.terminated) return [];
    const wanted = next?.find((status) => status.name === name);
    if (!wanted || wanted.state?.terminated || isAllowed(name, state.terminated.exitCode)) return [];
    return [forbidden(`${at}.state`, 'may not be transitioned to non-terminated state')];
  });
}

function validateUser({ user }: ContainerStatus, { os }: PodSpec, path: string): FieldError[] {
  if (!user?.linux) return [];
  if (os?.name === 'windows') return [forbidden(path, 'cannot be set for a windows pod')];
  const { uid, gid, supplementalGroups } = user.linux;
  return [
    ...checkRange(`${path}.uid`, uid, 0, MAX_ID),
    ...checkRange(`${path}.gid`, gid, 0, MAX_ID),
    ...eachOf(supplementalGroups, `${path}.supplementalGroups`, (group, at) => checkRange(at, group, 0, MAX_ID)),
  ];
}

function validateAllocated(status: ContainerStatus, containers: Container[] | undefined, path: string): FieldError[] {
  const container = find(containers, status.name);
  return eachOf(status.allocatedResourcesStatus, `${path}.allocatedResourcesStatus`, ({ name, resources }, at) => [
    ...(container ? validateAllocatedName(name, container, `${at}.name`) : []),
    ...validateHealth(resources, `${at}.resources`),
  ]);
}

function validateAllocatedName(name: string, { resources }: Container, path: string): FieldError[] {
  const claims = (resources?.claims ?? []).map((claim) => `claim:${claim.name}${claim.request ? `/${claim.request}` : ''}`);
  const isClaim = name.startsWith('claim:');
  if (isClaim ? claims.includes(name) : resources?.requests?.[name] !== undefined) return [];
  const claimDetail = "container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty";
  return [invalid(path, name, `must match one of the ${isClaim ? claimDetail : "container's resource requests"}`)];
}

type Health = NonNullable<ContainerStatus['allocatedResourcesStatus']>[number]['resources'];

function validateHealth(resources: Health, path: string): FieldError[] {
  const seen = new Set<string>();
  return eachOf(resources, path, ({ resourceID, health = '', message }, at) => {
    const isRepeated = seen.has(resourceID);
    seen.add(resourceID);
    return [
      ...checkMember(`${at}.health`, health, ['Healthy', 'Unhealthy', 'Unknown']),
      ...(message === '' ? [required(`${at}.message`, 'must be non-empty if specified')] : []),
      ...(Buffer.byteLength(message ?? '') > MAX_HEALTH_MESSAGE ? [tooLong(`${at}.message`, MAX_HEALTH_MESSAGE)] : []),
      ...(isRepeated ? [duplicate(`${at}.resourceID`, resourceID)] : []),
    ];
  });
}

function validateImages({ volumeMounts }: ContainerStatus, path: string): FieldError[] {
  return eachOf(volumeMounts, `${path}.volumeMounts`, ({ volumeStatus }, at) => {
    const image = volumeStatus?.image;
    if (!image) return [];
    const field = `${at}.volumeStatus.imageVolumeStatus.imageRef`;
    const { imageRef } = image;
    if (imageRef === '') return [required(field, 'imageRef must not be empty')];
    return Buffer.byteLength(imageRef) > MAX_IMAGE_REF ? [tooLong(field, MAX_IMAGE_REF)] : [];
  });
}
