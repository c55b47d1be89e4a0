import type { FieldError } from '../errors.ts';
import { isQualifiedName } from '../names.ts';
import { check, invalid, notSupported } from './field-errors.ts';

const containerResources = new Set(['cpu', 'memory', 'ephemeral-storage']);
const counted = new Set([
  'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'services.nodeports',
  'services.loadbalancers',
]);
const standard = new Set([
  ...containerResources, ...counted, 'storage', 'requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'requests.storage', 'limits.cpu',
  'limits.memory', 'limits.ephemeral-storage',
]);

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isStandard = (name: string) => standard.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-');

/** Kubernetes' own: without a domain, or in one of kubernetes.io. */
export const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
export const mayOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name);

function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && isQualifiedName(`requests.${name}`).length === 0;
}

/** Resources that are handed out whole. */
export const isCounted = (name: string): boolean => counted.has(name) || isExtended(name);

function checkResourceName(name: string, path: string): FieldError[] {
  const errors = check(path, name, isQualifiedName);
  if (errors.length > 0 || name.includes('/') || isStandard(name)) return errors;
  return [invalid(path, name, 'must be a standard resource type or fully qualified')];
}

export type ResourceNameCheck = (name: string, path: string) => FieldError[];

export function checkContainerResource(name: string, path: string): FieldError[] {
  if (containerResources.has(name)) return [];
  const errors = checkResourceName(name, path);
  if (!name.includes('/')) return isHugePages(name) ? errors : [...errors, invalid(path, name, 'must be a standard resource for containers')];
  return isNative(name) || isExtended(name) ? errors : [...errors, invalid(path, name, "doesn't follow extended resource name standard")];
}

/** What a pod may set for all its containers together. */
export function checkPodResource(name: string, path: string): FieldError[] {
  const errors = checkResourceName(name, path);
  if (errors.length > 0 || name === 'cpu' || name === 'memory' || isHugePages(name)) return errors;
  return [notSupported(path, name, ['cpu', 'hugepages-', 'memory'])];
}
