import type { User } from '../user.ts';
import { authenticatedGroup } from '../user.ts';

export interface NamedUid {
  name: string;
  uid?: string;
}

/** What a service account token says, beside its audiences. Times are seconds since 1970. Source: KEP 1205, 4193. */
export interface ServiceAccountClaims {
  issuer: string;
  audiences: readonly string[];
  expiresAt: number;
  notBefore: number;
  issuedAt: number;
  id: string;
  namespace: string;
  serviceAccount: NamedUid;
  pod?: NamedUid;
  secret?: NamedUid;
  /** Of the pod where there is one; else what the token is bound to. */
  node?: NamedUid;
  /** From when on a client should have a fresher token. */
  warnAfter?: number;
}

type Fields = Record<string, unknown>;

/** Only what is there. */
const present = <T>(fields: Record<string, T | undefined>): Record<string, T> =>
  Object.fromEntries(Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));

/** The claims in the form they have in a token. */
export function payloadOf(claims: ServiceAccountClaims): Fields {
  const { namespace, serviceAccount, pod, secret, node, warnAfter } = claims;
  return {
    aud: claims.audiences, exp: claims.expiresAt, iat: claims.issuedAt, iss: claims.issuer, jti: claims.id, nbf: claims.notBefore,
    sub: userNameOf(claims),
    'kubernetes.io': present<unknown>({ namespace, node, pod, secret, serviceaccount: serviceAccount, warnafter: warnAfter }),
  };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);

function referenceOf(value: unknown): NamedUid | undefined {
  const { name, uid } = fieldsOf(value);
  return textOf(name) === '' ? undefined : { name: textOf(name), ...(typeof uid === 'string' ? { uid } : {}) };
}

function audiencesOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string');
}

/** The claims in a token's payload; undefined for one that is no service account's. */
export function claimsOf(payload: unknown): ServiceAccountClaims | undefined {
  const fields = fieldsOf(payload);
  const kubernetes = fieldsOf(fields['kubernetes.io']);
  const serviceAccount = referenceOf(kubernetes['serviceaccount']);
  const namespace = textOf(kubernetes['namespace']);
  if (!serviceAccount || namespace === '') return undefined;
  return {
    issuer: textOf(fields['iss']), audiences: audiencesOf(fields['aud']), id: textOf(fields['jti']), namespace, serviceAccount,
    expiresAt: numberOf(fields['exp']), notBefore: numberOf(fields['nbf']), issuedAt: numberOf(fields['iat']),
    ...present({ pod: referenceOf(kubernetes['pod']), secret: referenceOf(kubernetes['secret']), node: referenceOf(kubernetes['node']) }),
  };
}

export const serviceAccountsGroup = 'system:serviceaccounts';
const namePrefix = 'system:serviceaccount:';

function userNameOf({ namespace, serviceAccount }: Pick<ServiceAccountClaims, 'namespace' | 'serviceAccount'>): string {
  return `${namePrefix}${namespace}:${serviceAccount.name}`;
}

/** Namespace and name in `system:serviceaccount:NAMESPACE:NAME`; undefined for another user. */
export function serviceAccountOf(userName: string): { namespace: string; name: string } | undefined {
  if (!userName.startsWith(namePrefix)) return undefined;
  const [namespace, name, ...rest] = userName.slice(namePrefix.length).split(':');
  return namespace && name && rest.length === 0 ? { namespace, name } : undefined;
}

/** Who shows a token with these claims. */
export function userOfClaims(claims: ServiceAccountClaims): User {
  const { namespace, serviceAccount, pod, node, id } = claims;
  const extra = {
    'credential-id': id === '' ? undefined : `JTI=${id}`, 'node-name': node?.name, 'node-uid': node?.uid, 'pod-name': pod?.name, 'pod-uid': pod?.uid,
  };
  return {
    name: userNameOf(claims),
    uid: serviceAccount.uid ?? '',
    groups: [serviceAccountsGroup, `${serviceAccountsGroup}:${namespace}`, authenticatedGroup],
    extra: Object.fromEntries(Object.entries(extra).flatMap(([key, value]) => (value ? [[`authentication.kubernetes.io/${key}`, [value]]] : []))),
  };
}
