import type { TokenRequest } from '../token-request.ts';

const hourSeconds = 3600;

/** A token lasts an hour unless another time is asked for. */
export function defaultTokenRequest(request: TokenRequest): TokenRequest {
  return { ...request, spec: { ...request.spec, expirationSeconds: request.spec.expirationSeconds ?? hourSeconds } };
}
