import { describe, expect, it } from 'vitest';
import { tokenLifetime } from './token-lifetime.ts';

const tokenOf = (claims: unknown): string => `head.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;

describe('tokenLifetime', () => {
  it('reads when a token was issued and when it expires', () => {
    expect(tokenLifetime(tokenOf({ iat: 100, exp: 700, sub: 'x' }))).toEqual({ issuedAtMs: 100_000, expiresAtMs: 700_000 });
  });

  it.each(['', 'opaque', 'a.b.c', tokenOf(null), tokenOf([]), tokenOf({ exp: 5 }), tokenOf({ iat: 9, exp: 5 }), tokenOf({ iat: 'x', exp: {} })])('knows nothing of %j', (token) => {
    expect(tokenLifetime(token)).toBeUndefined();
  });
});
