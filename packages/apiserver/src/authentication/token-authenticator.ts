import type { User } from './user.ts';

/** The message of a token about which there is no more to say. */
export const invalidBearerToken = 'invalid bearer token';

/** A token that is none of ours, expired, or of somebody who is gone. The message is for TokenReview, never with the token. */
export class InvalidToken extends Error {
  override readonly name = 'InvalidToken';
}

export interface TokenOwner {
  user: User;
  /** Of those asked for, the ones that the token is meant for. */
  audiences: readonly string[];
}

/** Finds out whose a token is. */
export interface TokenAuthenticator {
  /** `audiences` defaults to the apiserver's own. Throws {@link InvalidToken}; other errors mean that nobody could tell. */
  authenticate(token: string, audiences?: readonly string[]): Promise<TokenOwner>;
}
