import type { PodSandboxMetadata, PodSandboxStatus } from './sandbox.ts';
import type { ContainerStatus } from './container.ts';

export interface ContainerEvent {
  type: 'CONTAINER_CREATED_EVENT' | 'CONTAINER_STARTED_EVENT' | 'CONTAINER_STOPPED_EVENT' | 'CONTAINER_DELETED_EVENT';
  /** Of the container, or of the sandbox itself. */
  containerId: string;
  timestampMs: number;
  /** Undefined when the runtime cannot tell any more: relist. */
  podSandboxMetadata?: PodSandboxMetadata;
  /** As they were at the event, where the runtime sends them along: absent otherwise. */
  podSandboxStatus?: PodSandboxStatus;
  containersStatuses?: ContainerStatus[];
}
