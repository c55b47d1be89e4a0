import type { AuthConfig, Image } from '../cri.ts';
import type * as wire from '../v1/index.ts';
import type { Sent } from '../v1/index.ts';
import { invalid } from './invalid-field.ts';

export function imageMessage({ id, repoTags, repoDigests, sizeBytes, user, pinned }: Image): Sent<wire.Image> {
  const uid = user === undefined ? {} : 'uid' in user ? { uid: { value: String(user.uid) } } : { username: user.username };
  return { id, repoTags, repoDigests, size: String(sizeBytes), ...uid, pinned };
}

export function authConfig(auth: wire.AuthConfig | null): AuthConfig | undefined {
  if (auth === null) return undefined;
  const { serverAddress, identityToken, registryToken } = auth;
  const said = { ...userAndPassword(auth), serverAddress, identityToken, registryToken };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== ''));
}

function userAndPassword({ username, password, auth }: wire.AuthConfig): { username: string; password: string } {
  if (username !== '' || auth === '') return { username, password };
  const decoded = Buffer.from(auth, 'base64').toString();
  const colon = decoded.indexOf(':');
  if (colon === -1) throw invalid('auth.auth', 'not a user and a password');
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}
