import { status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { CriError } from '../cri.ts';
import type { CriErrorCode } from '../cri.ts';
import { criCodes, noConnection } from '../grpc-codes.ts';

interface Rule {
  /** Of which calls; default: all. */
  calls?: readonly string[];
  says: RegExp;
  code: CriErrorCode;
}

const start = ['StartContainer', 'ExecSync', 'Exec'];
const make = ['RunPodSandbox', 'CreateContainer'];

/** CRI has no codes of its own, so runtimes answer UNKNOWN (or what their libraries made of it) and say the rest in words. The first that fits holds. */
const rules: Rule[] = [
  { says: /^server is not initialized yet$/, code: 'Unavailable' },
  { calls: ['PullImage', 'ImageStatus', 'RemoveImage'], says: /invalid reference format|failed to parse image reference|couldn't parse image/i, code: 'InvalidImageName' },
  { calls: ['PullImage'], says: /(?:)/, code: 'ImagePull' },
  { calls: ['CreateContainer'], says: /failed to (?:resolve|get|find) image|image .*not found|no such image|reference does not exist|(?:locate|locating) image/i, code: 'ImageNotPresent' },
  { calls: ['RunPodSandbox'], says: /no runtime (?:handler )?for .* is configured|(?:un)?known runtime handler|failed to find runtime handler|runtime handler .* (?:not|isn't)/i, code: 'InvalidArgument' },
  { calls: make, says: /sysctl|\/proc\/sys\//i, code: 'InvalidArgument' },
  { calls: [...make, 'StartContainer'], says: /invalid target container/i, code: 'InvalidArgument' },
  { calls: make, says: /seccomp|apparmor|not a shared (?:or slave )?mount|recursive read-?only|no such user|unable to find user|capabilit(?:y|ies)|stop ?signal/i, code: 'InvalidArgument' },
  { calls: ['RunPodSandbox'], says: /set ?up network|\bcni\b|network namespace|networkPlugin/i, code: 'NetworkError' },
  { calls: ['ContainerStats', 'PodSandboxStats'], says: /is not running/i, code: 'NotFound' },
  { says: /container is (?:already )?in (?:CONTAINER_)?\w+ state|(?:container|task) (?:.* )?(?:is )?not running|is not (?:created or )?running|cannot (?:exec|attach) in a (?:stopped|deleted) (?:state|container)|not in a running state|unable to update \w+ container/i, code: 'InvalidArgument' },
  { calls: ['UpdateContainerResources'], says: /^(?!.*not found)/s, code: 'InvalidArgument' },
  { calls: ['ContainerStats', 'PodSandboxStats'], says: /unexpected metrics response|not in ready state|failed (?:to load|getting metrics for) sandbox|no running task/i, code: 'NotFound' },
  { says: /context deadline exceeded|timed out|timeout .* exceeded/i, code: 'DeadlineExceeded' },
  { calls: start, says: /OCI runtime|unable to start container process|executable file not found|exec: "|failed to (?:create|start) (?:containerd task|shim)|failed to start exec|no such file or directory|permission denied|exec format error/i, code: 'StartError' },
];

/** Where words count for more than the code: what a library called "not found" is then something that the request named. */
const worded = new Set<status>([status.UNKNOWN, status.INTERNAL, status.FAILED_PRECONDITION, status.ABORTED, status.NOT_FOUND, status.INVALID_ARGUMENT]);

/** Translates at this layer's edge; the gRPC error stays as the cause, unless there is nobody at `endpoint`. The message is the runtime's own. */
export function callError(error: ServiceError, call: string, endpoint: string): CriError {
  const absent = noConnection(error, `no container runtime answers at ${endpoint}: start it, or name its own endpoint`);
  if (absent !== undefined) return absent;
  const details = plain(error.details || error.message);
  return new CriError(codeOf(error, call, details), messageOf(error, call, details), { cause: error });
}

function codeOf(error: ServiceError, call: string, details: string): CriErrorCode {
  const byWords = worded.has(error.code) || isRuntimesOwn(error) ? codeOfWords(call, details) : undefined;
  return byWords ?? criCodes[error.code] ?? 'Unknown';
}

/** What a call's own words say of its failure; undefined when they say nothing known. */
export function codeOfWords(call: string, words: string): CriErrorCode | undefined {
  return rules.find(({ calls, says }) => (calls?.includes(call) ?? true) && says.test(words))?.code;
}

/** containerd says UNAVAILABLE of a sandbox too, not only of itself. */
function isRuntimesOwn({ code, details }: ServiceError): boolean {
  return code === status.UNAVAILABLE && /sandbox container/.test(details);
}

function messageOf(error: ServiceError, call: string, details: string): string {
  if (error.code === status.UNIMPLEMENTED && /unknown service/i.test(details)) return `the container runtime does not serve CRI v1 (${details}): it is older, or its CRI plugin is switched off`;
  if (error.code === status.RESOURCE_EXHAUSTED) return `${call}: the answer is larger than is taken: ${details}`;
  return worded.has(error.code) || isRuntimesOwn(error) ? details : `${call}: ${details}`;
}

/** Without what gRPC servers put around their own clients' errors, and without ids made for one call: a message that comes again is the same. */
function plain(details: string): string {
  return details.replaceAll(/rpc error: code = \w+ desc = /g, '').replaceAll(/failed to (create|start) exec "[0-9a-f]{64}"/g, 'failed to $1 exec');
}

/** Of an answer that breaks the protocol: a runtime's fault, never the caller's. */
export function nonsense(call: string, what: string): CriError {
  return new CriError('Unknown', `the container runtime's answer to ${call} makes no sense: ${what}`);
}
