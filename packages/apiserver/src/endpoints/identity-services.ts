import type { TokenRequests } from '../registry/service-account/token.ts';

/** Who is who and who may what, for the handlers that tell of it. */
export interface IdentityServices {
  tokenRequests: TokenRequests;
}
