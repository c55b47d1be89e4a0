export interface TokenLifetime {
  issuedAtMs: number;
  expiresAtMs: number;
}

/** What a token says of itself (JWT, RFC 7519 `iat` and `exp`); undefined when it cannot be read. Not verified: it is our own. */
export function tokenLifetime(token: string): TokenLifetime | undefined {
  const claims = claimsOf(token);
  const [issued, expires] = [Number(claims['iat']), Number(claims['exp'])];
  if (!(issued > 0) || !(expires > issued)) return undefined;
  return { issuedAtMs: issued * 1000, expiresAtMs: expires * 1000 };
}

function claimsOf(token: string): Record<string, unknown> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
