import type { TokenAuthenticator } from '../authentication/token-authenticator.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { RuleSource } from '../authorization/rule-source.ts';
import type { TokenRequests } from '../registry/service-account/token.ts';

/** Who is who and who may what, for the handlers that tell of it. */
export interface IdentityServices {
  tokenRequests: TokenRequests;
  tokens: TokenAuthenticator;
  authorize: Authorizer;
  /** Only what is written as rules: a node's rights are not. */
  rules: RuleSource;
}
