import { CriError } from '../cri.ts';
import type { PodSandboxConfig } from '../cri.ts';

const ofIpc = /^(kernel\.shm|kernel\.msg|kernel\.sem$|fs\.mqueue\.)/;

/**
 * What runc sets in the sandbox's namespaces; which of them are no namespace's it refuses itself. Fails with
 * `InvalidArgument` for one of the ipc namespace where that is the node's, of which runc does not know.
 */
export function sandboxSysctls({ sysctls = {}, domainname = '', namespaces }: PodSandboxConfig): Record<string, string> {
  const names = Object.keys(sysctls);
  const wrong = namespaces?.ipc === 'NODE' ? names.find((name) => ofIpc.test(name)) : undefined;
  if (wrong !== undefined) throw new CriError('InvalidArgument', `sysctl "${wrong}" is not allowed in the hosts ipc namespace`);
  return { ...sysctls, ...(domainname === '' || namespaces?.network === 'NODE' ? {} : { 'kernel.domainname': domainname }) };
}
