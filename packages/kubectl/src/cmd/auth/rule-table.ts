import type { NonResourceRule, ResourceRule, SubjectRulesReviewStatus } from '@podling/shared/api';

/** What is allowed of one resource, or of one path. */
interface Row {
  group: string;
  resource: string;
  name: string | undefined;
  url: string;
  verbs: string[];
}

function resourceRows({ verbs, apiGroups = [], resources = [], resourceNames = [] }: ResourceRule): Row[] {
  const names = resourceNames.length === 0 ? [undefined] : resourceNames;
  return apiGroups.flatMap((group) => resources.flatMap((resource) => names.map((name) => ({ group, resource, name, url: '', verbs: [...verbs] }))));
}

function urlRows({ verbs, nonResourceURLs = [] }: NonResourceRule): Row[] {
  return nonResourceURLs.flatMap((url) => verbs.map((verb) => ({ group: '', resource: '', name: undefined, url, verbs: [verb] })));
}

/** Rules that differ in their verbs alone are one. */
function compact(rows: readonly Row[]): Row[] {
  const byTarget = new Map<string, Row>();
  for (const row of rows) {
    const key = JSON.stringify([row.group, row.resource, row.name]);
    const known = byTarget.get(key);
    if (known) known.verbs = [...new Set([...known.verbs, ...row.verbs])];
    else byTarget.set(key, row);
  }
  return [...byTarget.values()];
}

/** `pods/log`, `leases.coordination.k8s.io/status`. */
function typeOf({ group, resource }: Row): string {
  const [type = '', part] = resource.split('/', 2);
  return `${type}${group === '' ? '' : `.${group}`}${part === undefined ? '' : `/${part}`}`;
}

const listed = (items: readonly string[]): string => `[${items.join(' ')}]`;
/** Kubernetes sorts by a rule's text, in which the verbs come first. */
function orderOf({ group, resource, name, url, verbs }: Row): string {
  const lists = url === '' ? [verbs, [group], [resource], name === undefined ? [] : [name], []] : [verbs, [], [], [], [url]];
  return lists.map(listed).join();
}

/** The rows of `auth can-i --list`, without the header. Upstream twin: `CompactRules`. */
export function ruleTable({ resourceRules, nonResourceRules }: SubjectRulesReviewStatus): string[][] {
  const rows = [...nonResourceRules.flatMap(urlRows), ...compact(resourceRules.flatMap(resourceRows))];
  const sorted = rows.map((row) => ({ row, order: orderOf(row) })).toSorted((a, b) => (a.order < b.order ? -1 : 1));
  return sorted.map(({ row }) => [typeOf(row), listed(row.url === '' ? [] : [row.url]), listed(row.name === undefined ? [] : [row.name]), listed(row.verbs)]);
}
