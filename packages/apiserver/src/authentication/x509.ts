import { TLSSocket } from 'node:tls';
import { newUnauthorized } from '@podling/shared/api';
import type { Authenticator } from './authenticator.ts';
import { authenticatedGroup } from './user.ts';
import type { User } from './user.ts';

/** The subject's attribute for a user's uid. Source: Kubernetes, "X.509 client certificates". */
const uidAttribute = '1.3.6.1.4.1.57683.2';

type Attribute = string | readonly string[] | undefined;

function asList(value: Attribute): string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : [...value];
}

const usersOfSockets = new WeakMap<TLSSocket, User | null>();

function userOf(socket: TLSSocket): User | undefined {
  const { subject, fingerprint256 } = socket.getPeerCertificate();
  if (!subject) return undefined;
  const name = asList(subject.CN)[0];
  if (!socket.authorized || !name) throw newUnauthorized();
  const [uid] = asList((subject as unknown as Record<string, Attribute>)[uidAttribute]);
  const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint256.replaceAll(':', '').toLowerCase()}`] };
  return { name, groups: [...asList(subject.O), authenticatedGroup], extra, ...(uid ? { uid } : {}) };
}

/** The common name is the user, each organization a group. A certificate that the cluster's CA did not sign is refused. */
export const authenticateX509: Authenticator = ({ socket }) => {
  if (!(socket instanceof TLSSocket)) return undefined;
  const known = usersOfSockets.get(socket);
  if (known !== undefined) return known ?? undefined;
  const user = userOf(socket);
  usersOfSockets.set(socket, user ?? null);
  return user;
};
