import type { FieldError } from '../errors.ts';
import { isQualifiedName } from '../names.ts';
import { compareQuantities, isQuantity, parseQuantity, type Quantity } from '../quantity.ts';
import type { ResourceRequirements } from '../resource-requirements.ts';
import { check, duplicates, eachOf, duplicate, invalid, NEGATIVE, required } from './field-errors.ts';

const standardResources = new Set(['cpu', 'memory', 'ephemeral-storage']);
const NANOS = 1_000_000_000n;

const isHugePages = (name: string) => name.startsWith('hugepages-');
const isNative = (name: string) => !name.includes('/') || name.startsWith('kubernetes.io/') || name.includes('.kubernetes.io/');
const mayOvercommit = (name: string) => isNative(name) && !isHugePages(name);

function validateResourceName(name: string, path: string): FieldError[] {
  const errors = check(path, name, isQualifiedName);
  if (errors.length > 0 || name.includes('/') || standardResources.has(name) || isHugePages(name)) return errors;
  return [invalid(path, name, 'must be a standard resource for containers')];
}

/** An amount: not negative, and whole for resources that are counted. */
export function validateAmount(name: string, amount: Quantity, path: string): FieldError[] {
  if (!isQuantity(amount)) return [];
  const nanos = parseQuantity(amount);
  const errors = nanos < 0n ? [invalid(path, amount, NEGATIVE)] : [];
  const isCounted = !isNative(name) || name === 'pods';
  return isCounted && nanos % NANOS !== 0n ? [...errors, invalid(path, amount, 'must be an integer')] : errors;
}

export function validateResourceList(list: Record<string, Quantity> | undefined, path: string): FieldError[] {
  return Object.entries(list ?? {}).flatMap(([name, amount]) => [
    ...validateResourceName(name, `${path}[${name}]`),
    ...validateAmount(name, amount, `${path}[${name}]`),
  ]);
}

export function validateResources({ limits, requests, claims }: ResourceRequirements, path: string): FieldError[] {
  return [
    ...validateResourceList(limits, `${path}.limits`),
    ...validateResourceList(requests, `${path}.requests`),
    ...Object.entries(requests ?? {}).flatMap(([name, request]) => validateRequest(name, request, limits?.[name], path)),
    ...eachOf(claims, `${path}.claims`, ({ name }, at) => (name === '' ? [required(`${at}.name`)] : [])),
    ...duplicates(claims, ({ name }) => name, (claim, index) => duplicate(`${path}.claims[${index}]`, claim)),
  ];
}

function validateRequest(name: string, request: Quantity, limit: Quantity | undefined, path: string): FieldError[] {
  if (limit === undefined) return mayOvercommit(name) ? [] : [required(`${path}.limits`, 'Limit must be set for non overcommitable resources')];
  if (!isQuantity(request) || !isQuantity(limit)) return [];
  const order = compareQuantities(request, limit);
  if (order !== 0 && !mayOvercommit(name)) return [invalid(`${path}.requests`, request, `must be equal to ${name} limit of ${limit}`)];
  return order > 0 ? [invalid(`${path}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`)] : [];
}
