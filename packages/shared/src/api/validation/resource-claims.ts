import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isDNS1123Subdomain } from '../names.ts';
import type { PodSpec } from '../pod.ts';
import { check, duplicate, eachOf, invalid, required } from './field-errors.ts';

type PodResourceClaim = NonNullable<PodSpec['resourceClaims']>[number];

/** The claims a pod declares for its containers to use. */
export function validatePodClaims(claims: PodSpec['resourceClaims'], path: string): FieldError[] {
  const names = new Set<string>();
  return eachOf(claims, path, (claim, at) => {
    const isRepeated = names.has(claim.name);
    names.add(claim.name);
    return [...validateName(claim.name, isRepeated, `${at}.name`), ...validateSource(claim, at)];
  });
}

function validateName(name: string, isRepeated: boolean, path: string): FieldError[] {
  if (name === '') return [required(path)];
  return isRepeated ? [duplicate(path, name)] : check(path, name, isDNS1123Label);
}

function validateSource(claim: PodResourceClaim, path: string): FieldError[] {
  const { name, resourceClaimName, resourceClaimTemplateName } = claim;
  const shown = { Name: name, ResourceClaimName: resourceClaimName ?? null, ResourceClaimTemplateName: resourceClaimTemplateName ?? null };
  const [hasClaim, hasTemplate] = [resourceClaimName !== undefined, resourceClaimTemplateName !== undefined];
  return [
    ...(hasClaim && hasTemplate ? [invalid(path, shown, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified')] : []),
    ...(hasClaim || hasTemplate ? [] : [invalid(path, shown, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`')]),
    ...checkGiven(`${path}.resourceClaimName`, resourceClaimName),
    ...checkGiven(`${path}.resourceClaimTemplateName`, resourceClaimTemplateName),
  ];
}

function checkGiven(path: string, name: string | undefined): FieldError[] {
  return name === undefined ? [] : check(path, name, isDNS1123Subdomain);
}
