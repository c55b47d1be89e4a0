import type { TLSSocket } from 'node:tls';
import type { UserInfo } from '@podling/shared/api';
import type { Logger } from '@podling/shared/util';
import type { RequestHandler } from 'express';
import { sendText } from './answers.ts';
import { requestAttributes } from './request-attributes.ts';
import type { Reviews } from './reviews.ts';

export interface AccessOptions {
  reviews: Reviews;
  /** Whether bearer tokens are taken, as the apiserver judges them. */
  acceptsTokens: boolean;
  /** Webhook: the apiserver decides what a user may. AlwaysAllow: whoever is known may everything. */
  authorizationMode: 'Webhook' | 'AlwaysAllow';
  logger: Logger;
}

const asList = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());

/** Common name and organizations of a certificate that the client CA has signed. */
function certificateUser(socket: TLSSocket): UserInfo | undefined {
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  const [username] = asList(subject?.CN as string | string[] | undefined);
  if (!username) return undefined;
  return { username, groups: [...asList(subject?.O as string | string[] | undefined), 'system:authenticated'] };
}

function bearerToken(header: string | undefined): string | undefined {
  const [scheme = '', token = ''] = (header ?? '').trim().split(' ', 2);
  return scheme.toLowerCase() === 'bearer' && token !== '' ? token : undefined;
}

/**
 * Who may use the kubelet's port: somebody with a certificate of the client CA, or with a token that the apiserver knows;
 * and of these whoever the apiserver lets use the Node's subresource. Nobody is anonymous. Upstream twin: the kubelet's
 * delegated authentication and authorization.
 */
export function accessFilter({ reviews, acceptsTokens, authorizationMode, logger }: AccessOptions): RequestHandler {
  const userOf = async (socket: TLSSocket, header: string | undefined): Promise<UserInfo | undefined> => {
    const user = certificateUser(socket);
    const token = user || !acceptsTokens ? undefined : bearerToken(header);
    return token === undefined ? user : reviews.userOfToken(token);
  };
  const isAllowed = async (user: UserInfo, verb: string, subresources: readonly string[]): Promise<boolean> => {
    if (authorizationMode === 'AlwaysAllow') return true;
    for (const subresource of subresources) if (await reviews.mayUse(user, verb, subresource)) return true;
    return false;
  };
  return async (request, response, next) => {
    const { verb, subresources } = requestAttributes(request.method, request.path);
    try {
      const user = await userOf(request.socket as TLSSocket, request.headers.authorization);
      if (!user) return sendText(response, 401, 'Unauthorized');
      if (await isAllowed(user, verb, subresources)) return next();
      const { username = '' } = user;
      sendText(response, 403, `Forbidden (user=${username}, verb=${verb}, resource=nodes, subresource(s)=[${subresources.join(' ')}])\n`);
    } catch (error) {
      logger.warn({ err: error, path: request.path }, 'the apiserver cannot be asked about a request');
      sendText(response, 503, 'the apiserver cannot be asked about this request\n');
    }
  };
}
