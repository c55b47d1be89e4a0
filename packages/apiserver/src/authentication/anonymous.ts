import type { Authenticator } from './authenticator.ts';
import { anonymous } from './user.ts';

const openPaths = new Set(['/healthz', '/livez', '/readyz', '/version']);

/** Health and version are for everybody, and nothing else is. */
export const authenticateAnonymous: Authenticator = ({ url = '' }) => {
  const [path = ''] = url.split('?', 1);
  const [, first = ''] = path.split('/');
  return openPaths.has(`/${first}`) ? anonymous : undefined;
};
