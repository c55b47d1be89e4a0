import type { FieldError } from '../errors.ts';
import { isDNS1123Label } from '../names.ts';
import { canonicalQuantity, compareQuantities, isQuantity, parseQuantity, quantityToBytes, type Quantity } from '../quantity.ts';
import type { ResourceRequirements } from '../resource-requirements.ts';
import { check, duplicate, eachOf, forbidden, invalid, NEGATIVE, notFound, required } from './field-errors.ts';
import { checkContainerResource, isCounted, isHugePages, mayOvercommit, type ResourceNameCheck } from './resource-name.ts';

const NANOS = 1_000_000_000n;
type ResourceList = Record<string, Quantity>;

/** An amount: not negative, and whole for resources that are counted. */
export function validateAmount(name: string, amount: Quantity, path: string): FieldError[] {
  const nanos = parseQuantity(amount);
  const errors = nanos < 0n ? [invalid(path, amount, NEGATIVE)] : [];
  return nanos % NANOS !== 0n && isCounted(name) ? [...errors, invalid(path, amount, 'must be an integer')] : errors;
}

function validateHugePages(name: string, amount: Quantity, path: string): FieldError[] {
  if (!isHugePages(name)) return [];
  const size = name.slice('hugepages-'.length);
  const pageNanos = isQuantity(size) ? parseQuantity(size) : 0n;
  const isWhole = pageNanos > 0n && pageNanos % NANOS === 0n && quantityToBytes(amount) % (pageNanos / NANOS) === 0n;
  return isWhole ? [] : [invalid(path, amount, `${canonicalQuantity(amount)} is not positive integer multiple of ${name}`)];
}

/** Limits and requests, and how they go together. `claims` are the names the pod declares. */
export function validateResources(
  resources: ResourceRequirements, claims: ReadonlySet<string>, path: string, checkName: ResourceNameCheck = checkContainerResource,
): FieldError[] {
  const { limits = {}, requests = {} } = resources;
  return [
    ...eachAmount(limits, `${path}.limits`, (name, amount, at) => [
      ...checkName(name, at), ...validateAmount(name, amount, at), ...validateHugePages(name, amount, at),
    ]),
    ...eachAmount(requests, `${path}.requests`, (name, amount, at) => [
      ...checkName(name, at), ...validateAmount(name, amount, at), ...validateRequest(name, amount, limits[name], path), ...validateHugePages(name, amount, at),
    ]),
    ...validateLonelyHugePages([...Object.keys(limits), ...Object.keys(requests)], path),
    ...validateClaims(resources.claims, claims, `${path}.claims`),
  ];
}

function eachAmount(list: ResourceList, path: string, validate: (name: string, amount: Quantity, at: string) => FieldError[]): FieldError[] {
  return Object.entries(list).flatMap(([name, amount]) => validate(name, amount, `${path}[${name}]`));
}

function validateRequest(name: string, request: Quantity, limit: Quantity | undefined, path: string): FieldError[] {
  if (limit === undefined) return mayOvercommit(name) ? [] : [required(`${path}.limits`, 'Limit must be set for non overcommitable resources')];
  const order = compareQuantities(request, limit);
  if (order !== 0 && !mayOvercommit(name)) return [invalid(`${path}.requests`, request, `must be equal to ${name} limit of ${limit}`)];
  return order > 0 ? [invalid(`${path}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`)] : [];
}

function validateLonelyHugePages(names: string[], path: string): FieldError[] {
  const isLonely = names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory');
  return isLonely ? [forbidden(path, 'HugePages require cpu or memory')] : [];
}

/** A claim is named once, or once for each of its requests. */
function validateClaims(claims: ResourceRequirements['claims'], declared: ReadonlySet<string>, path: string): FieldError[] {
  const seen = new Set<string>();
  const namesWithRequests = new Map<string, number>();
  return eachOf(claims, path, ({ name, request }, at) => {
    if (name === '') return [required(at)];
    const key = request ? `${name}/${request}` : name;
    const clashes = seen.has(name) ? name : seen.has(key) ? key : undefined;
    const covered = request || seen.has(name) ? 0 : (namesWithRequests.get(name) ?? 0);
    if (request && !seen.has(key)) namesWithRequests.set(name, (namesWithRequests.get(name) ?? 0) + 1);
    const errors = [
      ...(request && !seen.has(name) ? check(`${at}.request`, request, isDNS1123Label) : []),
      ...(clashes === undefined ? [] : [duplicate(at, clashes)]),
      ...Array.from({ length: covered }, () => duplicate(at, name)),
      ...(declared.has(name) ? [] : [notFound(at, name, `must be one of the names in pod.spec.resourceClaims${describeDeclared(declared)}`)]),
    ];
    seen.add(key);
    return errors;
  });
}

function describeDeclared(declared: ReadonlySet<string>): string {
  return declared.size === 0 ? ' which is empty' : `: ${[...declared].toSorted().join(', ')}`;
}
