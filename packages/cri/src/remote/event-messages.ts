import type { ContainerEvent } from '../cri.ts';
import type { ContainerEventResponse } from '../v1/index.ts';
import { nonsense } from './call-errors.ts';
import { containerStatus } from './container-messages.ts';
import { milliseconds } from './numbers.ts';
import { podSandboxStatus, sandboxMetadata } from './sandbox-messages.ts';

const call = 'GetContainerEvents';

const types: readonly string[] = [
  'CONTAINER_CREATED_EVENT',
  'CONTAINER_STARTED_EVENT',
  'CONTAINER_STOPPED_EVENT',
  'CONTAINER_DELETED_EVENT',
] satisfies ContainerEvent['type'][];

/** Undefined for a type that CRI had not when this was written. PIDs are not told along. */
export function containerEvent(message: ContainerEventResponse): ContainerEvent | undefined {
  const { containerId, containerEventType: type, podSandboxStatus: sandbox } = message;
  if (containerId === '') throw nonsense(call, 'an event is of no container');
  if (!types.includes(type)) return undefined;
  const event = { type, containerId, timestampMs: milliseconds(message.createdAt) };
  const metadata = sandboxMetadata(sandbox?.metadata ?? null);
  // Once a sandbox is going, runtimes send an empty status along, or none.
  if (sandbox === null || sandbox.id === '' || metadata === undefined) return event;
  return {
    ...event,
    podSandboxMetadata: metadata,
    podSandboxStatus: podSandboxStatus(sandbox, {}, call),
    containersStatuses: message.containersStatuses.map((one) => containerStatus(one, { sandboxId: sandbox.id, pid: 0 })),
  };
}
