import type { ObjectFieldSelector, ResourceFieldSelector } from '../env.ts';
import type { FieldError } from '../errors.ts';
import { isQualifiedName } from '../names.ts';
import { canonicalQuantity, isQuantity, parseQuantity } from '../quantity.ts';
import { check, checkMember, invalid, required } from './field-errors.ts';

/** What a pod can be asked for at all; each place of use takes a part of these. */
const podFields = new Set([
  'metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.restartPolicy',
  'spec.serviceAccountName', 'spec.schedulerName', 'status.phase', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs',
]);
const subscriptable = ['metadata.annotations', 'metadata.labels'];
const containerResources = [
  'limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory',
];
const isHugePages = (resource: string) => /^(?:limits|requests)\.hugepages-/.test(resource);

const byteDivisors = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];
const byteDetail = (what: string) => `only divisor's values ${byteDivisors.join(', ')} are supported with the ${what} resource`;

/** `allowed`: the fields that may be named here, in the order of messages. */
export function validateFieldRef(ref: ObjectFieldSelector, allowed: readonly string[], path: string): FieldError[] {
  const { apiVersion, fieldPath } = ref;
  const at = `${path}.fieldPath`;
  if (!apiVersion) return [required(`${path}.apiVersion`)];
  if (fieldPath === '') return [required(at)];
  const conversion = (reason: string) => [invalid(at, fieldPath, `error converting fieldPath: ${reason}`)];
  if (apiVersion !== 'v1') return conversion(`unsupported pod version: ${apiVersion}`);
  const [, base = fieldPath, subscript] = /^(.*?)\['(.*)'\]$/s.exec(fieldPath) ?? [];
  if (subscript !== undefined) return validateSubscript(base, subscript, path) ?? conversion(`field label does not support subscript: ${fieldPath}`);
  const field = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath;
  return podFields.has(field) ? checkMember(at, field, allowed) : conversion(`field label not supported: ${fieldPath}`);
}

function validateSubscript(base: string, subscript: string, path: string): FieldError[] | undefined {
  if (!subscriptable.includes(base)) return undefined;
  return check(path, base === 'metadata.annotations' ? subscript.toLowerCase() : subscript, isQualifiedName);
}

/** In a volume the container has to be named. */
export function validateResourceRef(ref: ResourceFieldSelector, path: string, needsContainer: boolean): FieldError[] {
  return [...validateTarget(ref, path, needsContainer), ...validateDivisor(ref, `${path}.divisor`)];
}

function validateTarget({ containerName, resource }: ResourceFieldSelector, path: string, needsContainer: boolean): FieldError[] {
  if (needsContainer && !containerName) return [required(`${path}.containerName`)];
  if (resource === '') return [required(`${path}.resource`)];
  return isHugePages(resource) ? [] : checkMember(`${path}.resource`, resource, containerResources);
}

function validateDivisor({ resource, divisor }: ResourceFieldSelector, path: string): FieldError[] {
  if (divisor === undefined || !isQuantity(divisor) || parseQuantity(divisor) === 0n) return [];
  const [allowed, detail] = divisorRule(resource);
  return allowed.includes(canonicalQuantity(divisor)) ? [] : [invalid(path, resource, detail)];
}

function divisorRule(resource: string): [allowed: string[], detail: string] {
  if (resource.endsWith('.cpu')) return [['1m', '1'], "only divisor's values 1m and 1 are supported with the cpu resource"];
  if (resource.endsWith('.memory')) return [byteDivisors, byteDetail('memory')];
  return [byteDivisors, byteDetail(isHugePages(resource) ? 'hugepages' : 'local ephemeral storage')];
}
