/** Who sends a request. Upstream twin: apiserver's `user.Info`. */
export interface User {
  name: string;
  uid?: string;
  groups: readonly string[];
  extra?: Readonly<Record<string, readonly string[]>>;
}

export const mastersGroup = 'system:masters';
export const authenticatedGroup = 'system:authenticated';

export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
/** Whoever comes in on the insecure development port. */
export const unsecured: User = { name: 'system:unsecured', groups: [mastersGroup, authenticatedGroup] };
