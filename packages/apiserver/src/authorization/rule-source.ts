import type { User } from '../authentication/user.ts';
import type { Authorizer } from './authorizer.ts';
import { ruleAllows } from './policy-rule.ts';
import type { PolicyRule } from './policy-rule.ts';

/** The rules that a user has in a namespace; '' asks for those of the whole cluster alone. */
export type RuleSource = (user: User, namespace: string) => readonly PolicyRule[];

export function rulesOfAll(sources: readonly RuleSource[]): RuleSource {
  return (user, namespace) => sources.flatMap((source) => source(user, namespace));
}

export function authorizeByRules(source: RuleSource): Authorizer {
  return (request) => (source(request.user, request.namespace).some((rule) => ruleAllows(rule, request)) ? 'allow' : undefined);
}
