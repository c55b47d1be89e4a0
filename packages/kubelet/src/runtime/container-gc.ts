import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LogFolder, type ContainerStatus, type CriRuntime, type PodSandboxStatus } from '@podling/cri';
import type { PodPaths } from './pod-paths.ts';
import type { PodRuntimeStatus } from './runtime.ts';

/** The newest container of a name and the one before it (`logs --previous`, lastState) are kept. */
const keptPerContainer = 2;

/** Dead containers that nobody asks for any more; pure. */
function collectable(status: PodRuntimeStatus): ContainerStatus[] {
  const seen = new Map<string, number>();
  return status.containers.filter(({ metadata, state }) => {
    const rank = seen.get(metadata.name) ?? 0;
    seen.set(metadata.name, rank + 1);
    return rank >= keptPerContainer && state === 'CONTAINER_EXITED';
  });
}

/** Removes superseded containers with their logs and last words, and dead sandboxes behind the newest. Upstream twin: kuberuntime `containerGC`. */
export async function collectGarbage(runtime: CriRuntime, paths: PodPaths, status: PodRuntimeStatus): Promise<boolean> {
  return removeContainers(runtime, paths, status, collectable(status), status.sandboxes.slice(1));
}

/** Of a pod that has ended: all that does not run. */
export async function removeDeadContainers(runtime: CriRuntime, paths: PodPaths, status: PodRuntimeStatus): Promise<boolean> {
  return removeContainers(runtime, paths, status, status.containers.filter(({ state }) => state === 'CONTAINER_EXITED'), status.sandboxes);
}

async function removeContainers(runtime: CriRuntime, paths: PodPaths, status: PodRuntimeStatus, containers: readonly ContainerStatus[], candidates: readonly PodSandboxStatus[]): Promise<boolean> {
  for (const container of containers) {
    await runtime.removeContainer(container.id);
    await removeLogs(container.logPath);
    await rm(paths.terminationLog(status.uid, container.metadata.name, container.metadata.attempt), { force: true });
  }
  const removed = new Set(containers.map(({ id }) => id));
  const sandboxes = candidates.filter(({ id, state }) => state === 'SANDBOX_NOTREADY' && isEmpty(status, id, removed));
  for (const { id } of sandboxes) await runtime.removePodSandbox(id);
  return containers.length + sandboxes.length > 0;
}

function isEmpty({ containers }: PodRuntimeStatus, sandboxId: string, removed: ReadonlySet<string>): boolean {
  return !containers.some(({ id, podSandboxId }) => podSandboxId === sandboxId && !removed.has(id));
}

/** The log file and its rotated ones, which share its name as a prefix. What a link leads to is none of them. */
async function removeLogs(logPath: string): Promise<void> {
  const folder = logPath === '' ? undefined : openLogFolder(logPath);
  if (folder === undefined) return;
  try {
    const names = await readdir(folder.path);
    const own = names.filter((name) => name === basename(logPath) || name.startsWith(`${basename(logPath)}.`));
    for (const name of own) await rm(join(folder.path, name), { force: true });
  } finally {
    folder.close();
  }
}

function openLogFolder(logPath: string): LogFolder | undefined {
  try {
    return LogFolder.of(logPath);
  } catch {
    return undefined;
  }
}
