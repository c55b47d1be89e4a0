import type { IncomingMessage } from 'node:http';
import type { User } from './user.ts';

/**
 * Finds out who sends a request. Undefined: this one does not know, ask the next. Throws 401 when credentials are there
 * and wrong. Gives a promise only where it must read something.
 */
export type Authenticator = (request: IncomingMessage) => User | undefined | Promise<User | undefined>;

/** The first answer counts. */
export function authenticateByFirst(authenticators: readonly Authenticator[]): Authenticator {
  return async (request) => {
    for (const authenticate of authenticators) {
      const user = await authenticate(request);
      if (user) return user;
    }
    return undefined;
  };
}
