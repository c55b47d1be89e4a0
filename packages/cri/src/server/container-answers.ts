import type { Container, ContainerStatus, Mount } from '../cri.ts';
import type * as wire from '../v1/index.ts';
import type { Sent } from '../v1/index.ts';
import { nanoseconds } from './figures.ts';
import { resourcesMessage } from './resource-messages.ts';

export function containerMessage({ id, podSandboxId, metadata, image, imageId, state, createdAtMs, labels, annotations }: Container): Sent<wire.Container> {
  const createdAt = nanoseconds(createdAtMs);
  return { id, podSandboxId, metadata, image: { image, userSpecifiedImage: image }, imageRef: imageId, imageId, state, createdAt, labels, annotations };
}

export function containerStatusMessage(status: ContainerStatus): Sent<wire.ContainerStatus> {
  const { startedAtMs, finishedAtMs, exitCode, reason, message, logPath, user } = status;
  const { podSandboxId: _, ...common } = containerMessage(status);
  return {
    ...common,
    startedAt: nanoseconds(startedAtMs),
    finishedAt: nanoseconds(finishedAtMs),
    exitCode, reason, message, logPath,
    mounts: (status.mounts ?? []).map(mountMessage),
    resources: { linux: resourcesMessage(status.resources) },
    ...(user === undefined ? {} : { user: { linux: { uid: String(user.uid), gid: String(user.gid), supplementalGroups: user.supplementalGroups.map(String) } } }),
  };
}

function mountMessage({ hostPath, containerPath, readonly, recursiveReadOnly = false, propagation = 'PRIVATE' }: Mount): Sent<wire.Mount> {
  return { hostPath, containerPath, readonly, recursiveReadOnly, propagation: `PROPAGATION_${propagation}` };
}

/** As containerd and CRI-O have it, for clients that look further than CRI. */
export function containerInfo({ podSandboxId, pid, stdinOnce }: ContainerStatus): Record<string, string> {
  return { info: JSON.stringify({ sandboxID: podSandboxId, pid, ...(stdinOnce === undefined ? {} : { config: { stdin_once: stdinOnce } }) }) };
}
