import { newUnauthorized } from '@podling/shared/api';
import type { Authenticator } from './authenticator.ts';
import { InvalidToken } from './token-authenticator.ts';
import { dropTokens, protocolToken } from './token-protocol.ts';
import type { User } from './user.ts';
import type { TokenAuthenticator } from './token-authenticator.ts';

function bearerTokenOf(header: string | undefined): string | undefined {
  const [scheme = '', token = ''] = (header ?? '').trim().split(' ', 2);
  return scheme.toLowerCase() === 'bearer' && token !== '' ? token : undefined;
}

/** `Authorization: Bearer …`, or a WebSocket's subprotocol. A token that is not good is 401, never somebody anonymous. */
export function authenticateBearer(tokens: TokenAuthenticator): Authenticator {
  const userOf = async (token: string): Promise<User> => {
    try {
      return (await tokens.authenticate(token)).user;
    } catch (error) {
      throw error instanceof InvalidToken ? newUnauthorized({ cause: error }) : error;
    }
  };
  return async ({ headers }) => {
    const token = bearerTokenOf(headers.authorization);
    if (token !== undefined) return userOf(token);
    const asked = protocolToken(headers);
    if (asked === undefined) return undefined;
    const user = await userOf(asked);
    dropTokens(headers);
    return user;
  };
}
