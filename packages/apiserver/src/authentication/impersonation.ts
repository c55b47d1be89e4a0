import type { IncomingHttpHeaders } from 'node:http';
import { newBadRequest } from '@podling/shared/api';
import { serviceAccountOf, serviceAccountsGroup } from './service-account/claims.ts';
import { anonymous, authenticatedGroup } from './user.ts';
import type { User } from './user.ts';

const extraPrefix = 'impersonate-extra-';

type RawHeaders = NodeJS.Dict<string[]>;

function extraOf(headers: RawHeaders): Record<string, readonly string[]> {
  const entries = Object.entries(headers).filter(([name]) => name.startsWith(extraPrefix));
  return Object.fromEntries(entries.map(([name, values = []]): [string, string[]] => [unescaped(name.slice(extraPrefix.length)), values]));
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function groupsOf(name: string, wanted: readonly string[]): string[] {
  if (name === anonymous.name) return wanted.length > 0 ? [...wanted] : [...anonymous.groups];
  const account = serviceAccountOf(name);
  const groups = wanted.length === 0 && account ? [serviceAccountsGroup, `${serviceAccountsGroup}:${account.namespace}`] : wanted;
  return [...new Set([...groups, authenticatedGroup])];
}

/** Whether a request wants to be somebody else's; also when it says so badly. */
export function isImpersonating(headers: IncomingHttpHeaders): boolean {
  return Object.keys(headers).some((name) => name.startsWith('impersonate-'));
}

export interface Impersonation {
  user: User;
  /** As they were asked for: each needs a right of its own. */
  asked: { groups: readonly string[]; uid: string; extra: Readonly<Record<string, readonly string[]>> };
}

/** The user that the `Impersonate-` headers name. Throws 400 for parts without a name. */
export function impersonationOf(headers: RawHeaders): Impersonation {
  const [name = ''] = headers['impersonate-user'] ?? [];
  const [uid = ''] = headers['impersonate-uid'] ?? [];
  const groups = headers['impersonate-group'] ?? [];
  const extra = extraOf(headers);
  if (name === '') throw newBadRequest('a group, uid or extra cannot be impersonated without a user name');
  const user = { name, groups: groupsOf(name, groups), ...(uid === '' ? {} : { uid }), ...(Object.keys(extra).length > 0 ? { extra } : {}) };
  return { user, asked: { groups, uid, extra } };
}
