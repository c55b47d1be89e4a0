const refusals: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'cannot assign requested address',
};

/** A failed connection in the words that Kubernetes' users know: `dial tcp 10.0.0.2:80: connect: connection refused`. */
export function connectionText(error: Error, address: string): string {
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
  const refusal = refusals[code];
  if (refusal !== undefined) return `dial tcp ${address}: connect: ${refusal}`;
  if (syscall === 'getaddrinfo') return `dial tcp: lookup ${address.replace(/:\d+$/, '')}: no such host`;
  if (error.message === 'socket hang up') return 'EOF';
  if (code === 'ECONNRESET') return `read tcp ${address}: read: connection reset by peer`;
  return error.message;
}
