import { TLSSocket } from 'node:tls';
import { newUnauthorized } from '@podling/shared/api';
import type { Authenticator } from './authenticator.ts';
import { authenticatedGroup } from './user.ts';
import type { User } from './user.ts';

function asList(value: string | readonly string[] | undefined): string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : [...value];
}

const usersOfSockets = new WeakMap<TLSSocket, User | null>();

function userOf(socket: TLSSocket): User | undefined {
  const { subject } = socket.getPeerCertificate();
  if (!subject) return undefined;
  const name = asList(subject.CN)[0];
  if (!socket.authorized || !name) throw newUnauthorized();
  return { name, groups: [...asList(subject.O), authenticatedGroup] };
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
