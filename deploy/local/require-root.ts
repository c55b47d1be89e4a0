/** Raised when the caller may not make network namespaces, mounts and cgroups. */
export class NotRootError extends Error {
  override name = 'NotRootError';
}

/** A node needs network namespaces, mounts and cgroups: root's business. */
export function requireRoot(what: string): void {
  if (process.getuid?.() === 0) return;
  throw new NotRootError(`${what} needs root: network namespaces, mounts and cgroups are made. Try again with sudo.`);
}
