import type { PodSandboxMetadata } from '../cri.ts';

/** Labels on containerd's containers, beside the caller's own: what a container is, found without any record of ours. */
export const labelKeys = {
  kind: 'podling.io/kind',
  podName: 'podling.io/pod-name',
  podNamespace: 'podling.io/pod-namespace',
  podUid: 'podling.io/pod-uid',
  attempt: 'podling.io/attempt',
  sandboxId: 'podling.io/sandbox-id',
  containerName: 'podling.io/container-name',
} as const;

/** containerd refuses a label whose key and value together are longer. */
const MAX_LABEL_BYTES = 4096;

export function sandboxLabels(metadata: PodSandboxMetadata): Record<string, string> {
  return {
    [labelKeys.kind]: 'sandbox',
    [labelKeys.podName]: metadata.name,
    [labelKeys.podNamespace]: metadata.namespace,
    [labelKeys.podUid]: metadata.uid,
    [labelKeys.attempt]: String(metadata.attempt),
  };
}

export function sandboxMetadata(labels: Record<string, string>): PodSandboxMetadata {
  return {
    name: labels[labelKeys.podName] ?? '',
    namespace: labels[labelKeys.podNamespace] ?? '',
    uid: labels[labelKeys.podUid] ?? '',
    attempt: Number(labels[labelKeys.attempt] ?? 0),
  };
}

/** The labels that containerd can hold; the record has all of them. */
export function storableLabels(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(isStorable));
}

/** A filter of containerd for our containers of a kind. */
export function listFilter(kind: 'sandbox' | 'container', id?: string, labels: Record<string, string> = {}): string {
  const filter = labelFilter({ ...labels, [labelKeys.kind]: kind });
  return id === undefined ? filter : `${filter},id==${JSON.stringify(id)}`;
}

/** A filter of containerd for containers that have all of these, as far as it knows them. */
export function labelFilter(labels: Record<string, string>): string {
  return Object.entries(labels).filter(isStorable).map(([key, value]) => `labels.${JSON.stringify(key)}==${JSON.stringify(value)}`).join(',');
}

function isStorable([key, value]: [string, string]): boolean {
  return Buffer.byteLength(key) + Buffer.byteLength(value) <= MAX_LABEL_BYTES;
}

/** Without our own bookkeeping and the tools'. */
export function callerLabels(labels: Record<string, string>): Record<string, string> {
  const own = (key: string): boolean => /^(podling\.io|nerdctl|containerd\.io)\//.test(key) || key.startsWith('io.containerd.');
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !own(key)));
}
