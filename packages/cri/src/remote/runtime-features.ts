import type { ContainerConfig, RuntimeHandler } from '../cri.ts';
import { CriError } from '../cri.ts';
import type { StatusResponse } from '../v1/index.ts';

/** What a runtime says it can do, in its Status. One that says nothing cannot. */
export interface RuntimeFeatures {
  handlers: RuntimeHandler[];
  supplementalGroupsPolicy: boolean;
}

export function runtimeFeatures({ runtimeHandlers, features }: StatusResponse): RuntimeFeatures {
  const handlers = runtimeHandlers.map(({ name, features: can }) => ({
    name,
    features: { recursiveReadOnlyMounts: can?.recursiveReadOnlyMounts ?? false, userNamespaces: can?.userNamespaces ?? false },
  }));
  const none = { name: '', features: { recursiveReadOnlyMounts: false, userNamespaces: false } };
  const hasDefault = handlers.some(({ name }) => name === '');
  return { handlers: hasDefault ? handlers : [none, ...handlers], supplementalGroupsPolicy: features?.supplementalGroupsPolicy ?? false };
}

/** Whether a container asks for what a runtime may not know, and would leave out without a word. */
export function needsFeatures({ mounts, securityContext }: ContainerConfig): boolean {
  return securityContext?.supplementalGroupsPolicy === 'Strict' || mounts.some(({ recursiveReadOnly }) => recursiveReadOnly);
}

/** Fails with `InvalidArgument` where the runtime, for a sandbox of this handler, cannot do what the container asks for. */
export function checkFeatures(config: ContainerConfig, { handlers, supplementalGroupsPolicy }: RuntimeFeatures, runtimeHandler: string): void {
  if (config.securityContext?.supplementalGroupsPolicy === 'Strict' && !supplementalGroupsPolicy) refuse('the container runtime has no supplementalGroupsPolicy Strict');
  const recursive = config.mounts.filter(({ recursiveReadOnly }) => recursiveReadOnly);
  if (recursive.length === 0) return;
  const handler = handlers.find(({ name }) => name === runtimeHandler);
  if (handler?.features.recursiveReadOnlyMounts !== true) refuse(`the container runtime has no recursive read-only mounts: ${recursive[0]?.containerPath ?? ''}`);
  for (const { containerPath, readonly, propagation = 'PRIVATE' } of recursive) {
    if (!readonly || propagation !== 'PRIVATE') refuse(`a recursive read-only mount is read-only and private: ${containerPath}`);
  }
}

function refuse(why: string): never {
  throw new CriError('InvalidArgument', why);
}
