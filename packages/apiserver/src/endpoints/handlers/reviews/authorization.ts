import { escapeFieldValue, newBadRequest } from '@podling/shared/api';
import type {
  FieldSelectorAttributes, KubeObject, LocalSubjectAccessReview, SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview,
  SubjectAccessReviewSpec, SubjectAccessReviewStatus, SubjectRulesReviewStatus,
} from '@podling/shared/api';
import { localSubjectAccessReviewKind, selfSubjectAccessReviewKind, selfSubjectRulesReviewKind, subjectAccessReviewKind } from '@podling/shared/scheme';
import type { KindInfo } from '@podling/shared/scheme';
import type { User } from '../../../authentication/user.ts';
import type { AccessRequest, Authorizer } from '../../../authorization/authorizer.ts';
import { nodeNameOf } from '../../../authorization/node-identity.ts';
import type { PolicyRule } from '../../../authorization/policy-rule.ts';
import type { RuleSource } from '../../../authorization/rule-source.ts';
import type { BoundHandler } from '../../endpoint.ts';
import { answerReview } from './answer-review.ts';

type Question = Pick<SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>;

const symbols: Readonly<Record<string, '=' | '!='>> = { In: '=', NotIn: '!=' };

/** The selector's text; requirements that authorizers cannot use narrow nothing, so they are left out. */
function selectorText({ rawSelector, requirements = [] }: FieldSelectorAttributes): string {
  if (rawSelector) return rawSelector;
  return requirements.flatMap(({ key, operator, values = [] }) => {
    const [value, ...more] = values;
    const symbol = symbols[operator];
    return symbol && value !== undefined && more.length === 0 ? [`${key}${symbol}${escapeFieldValue(value)}`] : [];
  }).join(',');
}

/** A question about no resource asks for all of them: '' would make it one about a path. */
function accessRequestOf(user: User, { resourceAttributes, nonResourceAttributes }: Question): AccessRequest {
  const { verb = '', path = '' } = nonResourceAttributes ?? {};
  const none = { resource: '', subresource: '', group: '', namespace: '', name: '' };
  if (!resourceAttributes) return { user, verb, path, ...none };
  const { fieldSelector, labelSelector: _labels, version: _version, ...asked } = resourceAttributes;
  return {
    user, path: '', ...none, ...asked, verb: asked.verb ?? '', resource: asked.resource || '*',
    ...(fieldSelector ? { fieldSelector: selectorText(fieldSelector) } : {}),
  };
}

async function decide(authorize: Authorizer, user: User, question: Question): Promise<SubjectAccessReviewStatus> {
  const decision = await authorize(accessRequestOf(user, question));
  if (decision === 'allow') return { allowed: true };
  return { allowed: false, ...(decision ? { reason: decision.why } : {}) };
}

function subjectOf({ user = '', groups = [], uid, extra }: SubjectAccessReviewSpec): User {
  return { name: user, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) };
}

function aboutSubject<T extends KubeObject & { spec: SubjectAccessReviewSpec }>(info: KindInfo<T>, authorize: Authorizer): BoundHandler {
  return answerReview<T>(info, async ({ review }) => ({ ...review, status: await decide(authorize, subjectOf(review.spec), review.spec) }));
}

/** POST subjectaccessreviews: may they? */
export const handleSubjectAccessReview = (authorize: Authorizer): BoundHandler => aboutSubject<SubjectAccessReview>(subjectAccessReviewKind, authorize);

/** POST localsubjectaccessreviews: may they, in this namespace? */
export const handleLocalSubjectAccessReview = (authorize: Authorizer): BoundHandler =>
  aboutSubject<LocalSubjectAccessReview>(localSubjectAccessReviewKind, authorize);

/** POST selfsubjectaccessreviews: may I? */
export function handleSelfSubjectAccessReview(authorize: Authorizer): BoundHandler {
  return answerReview<SelfSubjectAccessReview>(selfSubjectAccessReviewKind, async ({ review, asker }) =>
    ({ ...review, status: await decide(authorize, asker, review.spec) }));
}

function rulesStatus(rules: readonly PolicyRule[]): Pick<SubjectRulesReviewStatus, 'resourceRules' | 'nonResourceRules'> {
  return {
    resourceRules: rules.filter(({ resources }) => resources).map(({ verbs, apiGroups = [], resources = [], resourceNames = [] }) => ({
      verbs: [...verbs], apiGroups: [...apiGroups], resources: [...resources], ...(resourceNames.length > 0 ? { resourceNames: [...resourceNames] } : {}),
    })),
    nonResourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs).map(({ verbs, nonResourceURLs = [] }) => ({ verbs: [...verbs], nonResourceURLs: [...nonResourceURLs] })),
  };
}

/** POST selfsubjectrulesreviews: what may I? A node's rights are decided case by case, so its answer is incomplete. */
export function handleSelfSubjectRulesReview(rules: RuleSource): BoundHandler {
  return answerReview<SelfSubjectRulesReview>(selfSubjectRulesReviewKind, async ({ review, asker }) => {
    const { namespace = '' } = review.spec;
    if (namespace === '') throw newBadRequest('no namespace on request');
    const isNode = nodeNameOf(asker) !== undefined;
    const incomplete = { incomplete: isNode, ...(isNode ? { evaluationError: 'node authorizer does not support user rule resolution' } : {}) };
    return { ...review, spec: {}, status: { ...rulesStatus(rules(asker, namespace)), ...incomplete } };
  });
}
