import { CriError } from '../cri.ts';
import type { CriErrorCode } from '../cri.ts';

/** Why a sandbox did not start, from what nerdctl said of it; an image that is missing comes with the fix. */
export function sandboxStartFailure(message: string, { image, namespace, cause }: { image: string; namespace: string; cause: unknown }): CriError {
  const missing = `the image "${image}" is not in containerd's namespace ${namespace}: import it there, or name one that is with --pod-infra-container-image`;
  const why = message.includes('image not available') ? missing : message;
  return new CriError(codeOf(message), `failed to run sandbox: ${why}`, { cause });
}

/** runc and the CNI plugins tell it in words only. */
function codeOf(message: string): CriErrorCode {
  if (/sysctl|\/proc\/sys\//.test(message)) return 'InvalidArgument';
  return /network|cni|plugin type=|failed to (?:set up|create) .*netns/i.test(message) ? 'NetworkError' : 'Unknown';
}
