import { formatTime, newBadRequest } from '@podling/shared/api';
import type { SelfSubjectReview, TokenReview, TokenReviewStatus, UserInfo } from '@podling/shared/api';
import { selfSubjectReviewKind, tokenReviewKind } from '@podling/shared/scheme';
import type { Clock } from '@podling/shared/util';
import { InvalidToken, invalidBearerToken } from '../../../authentication/token-authenticator.ts';
import type { TokenAuthenticator } from '../../../authentication/token-authenticator.ts';
import type { User } from '../../../authentication/user.ts';
import type { BoundHandler } from '../../endpoint.ts';
import { answerReview } from './answer-review.ts';

function userInfoOf({ name, uid, groups, extra }: User): UserInfo {
  const entries = Object.entries(extra ?? {}).map(([key, values]): [string, string[]] => [key, [...values]]);
  return { username: name, ...(uid ? { uid } : {}), groups: [...groups], ...(entries.length > 0 ? { extra: Object.fromEntries(entries) } : {}) };
}

async function statusOf(tokens: TokenAuthenticator, token: string, audiences: readonly string[] | undefined): Promise<TokenReviewStatus> {
  try {
    const owner = await tokens.authenticate(token, audiences);
    return { authenticated: true, user: userInfoOf(owner.user), audiences: [...owner.audiences] };
  } catch (error) {
    if (!(error instanceof InvalidToken)) throw error;
    const { message } = error;
    return { user: {}, error: message === invalidBearerToken ? message : `[${invalidBearerToken}, ${message}]` };
  }
}

/** POST tokenreviews: whose token is this? */
export function handleTokenReview(tokens: TokenAuthenticator): BoundHandler {
  return answerReview<TokenReview>(tokenReviewKind, async ({ review }) => {
    const { token, audiences = [] } = review.spec;
    if (token === '') throw newBadRequest('token is required for TokenReview in authentication');
    return { ...review, status: await statusOf(tokens, token, audiences.length > 0 ? audiences : undefined) };
  });
}

/** POST selfsubjectreviews: who am I? */
export function handleSelfSubjectReview(clock: Clock): BoundHandler {
  return answerReview<SelfSubjectReview>(selfSubjectReviewKind, async ({ review, asker }) => ({
    ...review,
    metadata: { ...review.metadata, creationTimestamp: formatTime(new Date(clock.now())) },
    status: { userInfo: userInfoOf(asker) },
  }));
}
