import type { AccessRequest } from './authorizer.ts';

/** What a rule allows: resources, or paths. `*` stands for all. Upstream twin: RBAC's PolicyRule. */
export interface PolicyRule {
  verbs: readonly string[];
  /** '' is the core group. */
  apiGroups?: readonly string[];
  /** `pods`, `pods/status`, `*` for all with their subresources, `*` + `/scale` for one subresource of all. */
  resources?: readonly string[];
  /** Empty or absent: every name, also none. */
  resourceNames?: readonly string[];
  /** Paths; one may end in `*`. */
  nonResourceURLs?: readonly string[];
}

const names = (list: readonly string[] = [], wanted: string): boolean => list.includes('*') || list.includes(wanted);

function namesResource(resources: readonly string[] = [], { resource, subresource }: AccessRequest): boolean {
  if (subresource === '') return names(resources, resource);
  return names(resources, `${resource}/${subresource}`) || resources.includes(`*/${subresource}`);
}

function namesPath(urls: readonly string[] = [], path: string): boolean {
  return urls.some((url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))));
}

export function ruleAllows(rule: PolicyRule, request: AccessRequest): boolean {
  if (!names(rule.verbs, request.verb)) return false;
  if (request.resource === '') return namesPath(rule.nonResourceURLs, request.path);
  const { resourceNames = [] } = rule;
  return names(rule.apiGroups, request.group) && namesResource(rule.resources, request)
    && (resourceNames.length === 0 || resourceNames.includes(request.name));
}
