import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { User } from '../../authentication/user.ts';
import type { RequestInfo } from '../request-info.ts';

/** How much of a request is recorded, from nothing to both bodies. */
const auditLevels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type AuditLevel = (typeof auditLevels)[number];

export const auditStages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type AuditStage = (typeof auditStages)[number];

/** What a policy wants of one request. */
export interface AuditDecision {
  level: AuditLevel;
  omits(stage: AuditStage): boolean;
}

interface GroupResources {
  group?: string;
  resources?: string[];
  resourceNames?: string[];
}

/** The first rule that matches decides. An absent or empty field matches everything. */
export interface AuditRule {
  level: AuditLevel;
  users?: string[];
  userGroups?: string[];
  verbs?: string[];
  resources?: GroupResources[];
  namespaces?: string[];
  nonResourceURLs?: string[];
  omitStages?: AuditStage[];
}

/** `audit.k8s.io/v1` Policy without `omitManagedFields`. */
export class AuditPolicy {
  readonly #rules: readonly AuditRule[];
  readonly #omitStages: readonly AuditStage[];

  constructor(rules: readonly AuditRule[], omitStages: readonly AuditStage[] = []) {
    this.#rules = rules;
    this.#omitStages = omitStages;
  }

  /** Level `None` where no rule matches. */
  decide(user: User | undefined, info: RequestInfo): AuditDecision {
    const rule = this.#rules.find((candidate) => matches(candidate, user, info));
    return {
      level: rule?.level ?? 'None',
      omits: (stage) => this.#omitStages.includes(stage) || (rule?.omitStages?.includes(stage) ?? false),
    };
  }
}

/** Everything, without bodies. */
export const metadataPolicy = new AuditPolicy([{ level: 'Metadata' }]);

/** Reads a policy file. Throws with the path of the field that is wrong. */
export async function readAuditPolicy(file: string): Promise<AuditPolicy> {
  try {
    return parseAuditPolicy(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new Error(`--audit-policy-file ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

export function parseAuditPolicy(text: string): AuditPolicy {
  const policy: unknown = parse(text);
  if (!isRecord(policy) || policy['kind'] !== 'Policy' || policy['apiVersion'] !== 'audit.k8s.io/v1') throw new Error('is no audit.k8s.io/v1 Policy');
  const { rules, omitStages } = policy;
  const unknown = Object.keys(policy).find((field) => !policyFields.has(field));
  if (unknown !== undefined) throw new Error(`${unknown}: unknown field`);
  checkStages(omitStages, 'omitStages');
  if (!Array.isArray(rules) || rules.length === 0) throw new Error('rules: Required value: at least one rule');
  return new AuditPolicy(rules.map((rule, index) => checkedRule(rule, `rules[${index}]`)), omitStages as AuditStage[] | undefined);
}

const listFields = ['users', 'userGroups', 'verbs', 'namespaces', 'nonResourceURLs'] as const;
const policyFields = new Set(['apiVersion', 'kind', 'metadata', 'omitStages', 'rules']);
const ruleFields = new Set<string>(['level', 'resources', 'omitStages', ...listFields]);

function checkedRule(rule: unknown, path: string): AuditRule {
  if (!isRecord(rule)) throw new Error(`${path}: is no object`);
  const unknown = Object.keys(rule).find((field) => !ruleFields.has(field));
  if (unknown !== undefined) throw new Error(`${path}.${unknown}: unknown field`);
  if (!auditLevels.some((level) => level === rule['level'])) throw new Error(`${path}.level: Unsupported value: ${JSON.stringify(rule['level'])}: supported values: ${auditLevels.join(', ')}`);
  for (const field of listFields) checkStrings(rule[field], `${path}.${field}`);
  checkStages(rule['omitStages'], `${path}.omitStages`);
  const { resources = [] } = rule;
  if (!Array.isArray(resources)) throw new Error(`${path}.resources: is no list`);
  resources.forEach((entry, index) => checkResources(entry, `${path}.resources[${index}]`));
  return rule as unknown as AuditRule;
}

function checkStages(value: unknown, path: string): void {
  checkStrings(value, path);
  const strange = ((value ?? []) as string[]).find((stage) => !auditStages.some((known) => known === stage));
  if (strange !== undefined) throw new Error(`${path}: Unsupported value: ${JSON.stringify(strange)}: supported values: ${auditStages.join(', ')}`);
}

function checkResources(entry: unknown, path: string): void {
  if (!isRecord(entry)) throw new Error(`${path}: is no object`);
  checkStrings(entry['resources'], `${path}.resources`);
  checkStrings(entry['resourceNames'], `${path}.resourceNames`);
}

function checkStrings(value: unknown, path: string): void {
  if (value === undefined || (Array.isArray(value) && value.every((item) => typeof item === 'string'))) return;
  throw new Error(`${path}: is no list of strings`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const allows = (list: readonly string[] | undefined, value: string): boolean => !list || list.length === 0 || list.includes(value);

function matches(rule: AuditRule, user: User | undefined, info: RequestInfo): boolean {
  const { userGroups = [] } = rule;
  if (!allows(rule.users, user?.name ?? '') || !allows(rule.verbs, info.verb)) return false;
  if (userGroups.length > 0 && !userGroups.some((group) => user?.groups.includes(group))) return false;
  return info.isResource ? matchesResource(rule, info) : matchesPath(rule, info.path);
}

function matchesPath({ nonResourceURLs = [], resources = [], namespaces = [] }: AuditRule, path: string): boolean {
  if (nonResourceURLs.length === 0) return resources.length === 0 && namespaces.length === 0;
  return nonResourceURLs.some((pattern) => (pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern));
}

function matchesResource({ nonResourceURLs = [], resources = [], namespaces }: AuditRule, info: RequestInfo): boolean {
  if (nonResourceURLs.length > 0 && resources.length === 0) return false;
  if (!allows(namespaces, info.namespace)) return false;
  return resources.length === 0 || resources.some((entry) => matchesGroup(entry, info));
}

function matchesGroup({ group = '', resources = [], resourceNames }: GroupResources, info: RequestInfo): boolean {
  if (group !== info.group || !allows(resourceNames, info.name)) return false;
  const full = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`;
  return resources.length === 0 || resources.some((name) => name === '*' || name === full || name === `*/${info.subresource}` || (name === `${info.resource}/*` && info.subresource !== ''));
}
