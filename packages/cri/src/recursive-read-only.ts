import { release } from 'node:os';

/** The first kernel that can make a whole tree of mounts read-only (`mount_setattr`). */
const since = { major: 5, minor: 12 };

/** Whether `Mount.recursiveReadOnly` can be had on this node; `version` as of uname. */
export function supportsRecursiveReadOnly(version = release()): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major > since.major || (major === since.major && minor >= since.minor);
}
