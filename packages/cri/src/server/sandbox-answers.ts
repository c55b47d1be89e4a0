import type { PodSandbox, PodSandboxMetadata, PodSandboxStatus } from '../cri.ts';
import type * as wire from '../v1/index.ts';
import type { Sent } from '../v1/index.ts';
import { nanoseconds } from './figures.ts';

export function podSandboxMessage({ id, metadata, state, createdAtMs, labels, annotations }: PodSandbox): Sent<wire.PodSandbox> {
  return { id, metadata, state, createdAt: nanoseconds(createdAtMs), labels, annotations };
}

export function podSandboxStatusMessage(status: PodSandboxStatus): Sent<wire.PodSandboxStatus> {
  return { ...podSandboxMessage(status), network: { ip: status.ip }, linux: { namespaces: { options: { network: status.network } } } };
}

/** Of a sandbox of which no more is known: it is gone. */
export function goneSandboxMessage(id: string, metadata: PodSandboxMetadata): Sent<wire.PodSandboxStatus> {
  return { id, metadata, state: 'SANDBOX_NOTREADY' };
}

/** As containerd and CRI-O have it, for clients that look further than CRI. */
export function sandboxInfo({ pid }: PodSandboxStatus): Record<string, string> {
  return { info: JSON.stringify({ pid }) };
}
