import {
  localSubjectAccessReviewKind, selfSubjectAccessReviewKind, selfSubjectReviewKind, selfSubjectRulesReviewKind, subjectAccessReviewKind,
  tokenReviewKind,
} from '@podling/shared/scheme';
import type { KindInfo } from '@podling/shared/scheme';
import type { BoundHandler, EndpointServices, ServedResource } from './endpoint.ts';
import { handleSelfSubjectReview, handleTokenReview } from './handlers/reviews/authentication.ts';
import {
  handleLocalSubjectAccessReview, handleSelfSubjectAccessReview, handleSelfSubjectRulesReview, handleSubjectAccessReview,
} from './handlers/reviews/authorization.ts';

/** What is asked with a create and never stored. */
export function serveReviews({ identity: { tokens, authorize, rules }, clock }: EndpointServices): ServedResource[] {
  const served = (info: KindInfo, create: BoundHandler): ServedResource => ({ info, handlers: { create }, subresources: [] });
  return [
    served(selfSubjectReviewKind, handleSelfSubjectReview(clock)),
    served(tokenReviewKind, handleTokenReview(tokens)),
    served(localSubjectAccessReviewKind, handleLocalSubjectAccessReview(authorize)),
    served(selfSubjectAccessReviewKind, handleSelfSubjectAccessReview(authorize)),
    served(selfSubjectRulesReviewKind, handleSelfSubjectRulesReview(rules)),
    served(subjectAccessReviewKind, handleSubjectAccessReview(authorize)),
  ];
}
