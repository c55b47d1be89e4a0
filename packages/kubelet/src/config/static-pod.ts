import { createHash } from 'node:crypto';
import { ApiStatusError, configHashAnnotation, configSeenAnnotation, configSourceAnnotation, formatTime, mirrorPodAnnotation, type Pod } from '@podling/shared/api';
import { apiReferenceOf, checkNesting, podKind } from '@podling/shared/scheme';
import { parseYaml } from '@podling/shared/yaml';

export interface StaticPodOrigin {
  path: string;
  nodeName: string;
  nowMs: number;
}

export interface StaticPod {
  pod: Pod;
  /** Fields that no pod has; they are passed over. */
  unknownFields: string[];
}

/** A file does not hold a pod that this node can run; the message is for the administrator. */
export class StaticPodError extends Error {
  override readonly name = 'StaticPodError';
}

/** What may become part of paths and of the runtime's names. */
const uidShape = /^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/;
const maxUidLength = 63;

/**
 * The pod in a file: decoded, with the node's name behind its own, with defaults, and checked, as a new pod at the
 * apiserver. Its UID is a hash of what the file says, so the same file gives the same pod again. Throws
 * {@link StaticPodError}. Upstream twin: kubelet `config.applyDefaults`.
 */
export function readStaticPod(bytes: Buffer, origin: StaticPodOrigin): StaticPod {
  const { object, unknownFields } = decodePod(bytes);
  const pod = completed(object, origin);
  const errors = podKind.validateCreate(pod);
  if (errors.length > 0) throw new StaticPodError(`invalid pod: [${errors.map(({ field, message }) => `${field}: ${message}`).join(', ')}]`);
  const reference = apiReferenceOf(pod.spec);
  if (reference !== undefined) throw new StaticPodError(`static pods may not reference ${reference}`);
  return { pod, unknownFields };
}

function decodePod(bytes: Buffer): { object: Pod; unknownFields: string[] } {
  try {
    const decoded = podKind.decode(parse(bytes));
    const { apiVersion, kind } = decoded.object;
    if (apiVersion !== 'v1' || kind !== 'Pod') throw new StaticPodError(`kind ${JSON.stringify(kind ?? '')} in version ${JSON.stringify(apiVersion ?? '')} is no pod`);
    return decoded;
  } catch (cause) {
    if (cause instanceof StaticPodError) throw cause;
    const reason = cause instanceof ApiStatusError ? cause.status.message ?? cause.message : cause instanceof Error ? cause.message : String(cause);
    throw new StaticPodError(`couldn't parse as pod: ${reason}`, { cause });
  }
}

/** JSON is YAML too, and much quicker to read as what it is. */
function parse(bytes: Buffer): unknown {
  if (bytes[0] !== '{'.charCodeAt(0)) return parseYaml(bytes).value;
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  checkNesting(value);
  return value;
}

function completed({ metadata, spec, ...rest }: Pod, { path, nodeName, nowMs }: StaticPodOrigin): Pod {
  if (!metadata.name) throw new StaticPodError('invalid pod: name is needed for the pod');
  const uid = metadata.uid ?? hashOf([metadata, spec, `host:${nodeName}`, `file:${path}`]);
  if (!uidShape.test(uid) || uid.length > maxUidLength) throw new StaticPodError(`invalid pod: metadata.uid ${JSON.stringify(uid)} is no UID`);
  const { name, namespace = 'default', labels } = metadata;
  const { [mirrorPodAnnotation]: _, ...annotations } = metadata.annotations ?? {};
  const origin = { [configHashAnnotation]: uid, [configSourceAnnotation]: 'file', [configSeenAnnotation]: formatTime(new Date(nowMs)) };
  return podKind.applyDefaults({
    ...rest,
    metadata: { name: `${name}-${nodeName.toLowerCase()}`, namespace, uid, ...(labels && { labels }), annotations: { ...annotations, ...origin } },
    spec: { ...spec, nodeName, tolerations: withNoExecute(spec.tolerations) },
    status: { phase: 'Pending' },
  });
}

/** Trouble on the node does not drive it away. */
function withNoExecute(tolerations: Pod['spec']['tolerations'] = []): NonNullable<Pod['spec']['tolerations']> {
  const known = tolerations.some(({ key = '', operator, effect }) => key === '' && operator === 'Exists' && effect === 'NoExecute');
  return known ? tolerations : [...tolerations, { operator: 'Exists', effect: 'NoExecute' }];
}

function hashOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts, sortedKeys)).digest('hex').slice(0, 32);
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
