import type { KubeletConfig } from '../config.ts';
import type { PressureCondition } from '../eviction/signals.ts';
import { LeaseController } from '../node/lease-controller.ts';
import type { MachineInfo } from '../node/machine-info.ts';
import { nodeEvents } from '../node/node-events.ts';
import { NodeImages } from '../node/node-images.ts';
import { NodeManager } from '../node/node-manager.ts';
import { nodeReference } from '../node/node-reference.ts';
import { nodeStatus } from '../node/node-status.ts';
import type { BaseParts } from './base-parts.ts';
import type { Core } from './core.ts';

export interface NodeParts {
  manager: NodeManager;
  /** Where the server listens is known after the manager is made, and before it starts. */
  setPort: (port: number) => void;
}

/** What others know of the node. */
export interface NodeVerdicts {
  /** Why it is not ready although the runtime is. */
  problem: () => string | undefined;
  pressure: () => readonly PressureCondition[];
}

export function createNodeManager({ config, client, runtime, clock, logger, machine, reservations }: Core, { state, recorder }: BaseParts, { problem, pressure }: NodeVerdicts): NodeParts {
  let kubeletPort = config.port;
  const images = new NodeImages({ images: runtime, maxImages: config.configuration.nodeStatusMaxImages, clock, logger });
  const manager = new NodeManager({
    client, state, clock, logger,
    identity: { name: config.nodeName, labels: config.nodeLabels, taints: config.registerWithTaints, ...(config.providerId === undefined ? {} : { providerID: config.providerId }) },
    registers: config.registerNode, checkPeriodMs: config.nodeStatusUpdateFrequencyMs, reportPeriodMs: config.nodeStatusReportFrequencyMs,
    buildStatus: async (known) =>
      nodeStatus({
        machine, known, kubeletPort, reservations, maxPods: podCapacity(config, machine), nowMs: clock.now(),
        runtimeVersion: state.version(), runtimeHandlers: state.runtimeHandlers(), features: state.features(),
        images: await images.latest(),
        addresses: { nodeIp: config.nodeIp, hostname: config.nodeName },
        pressure: pressure(),
        problem: bothProblems(state.problem(), problem()),
      }),
    onReported: (before, after) => {
      for (const { type, reason, message } of nodeEvents(config.nodeName, before, after)) recorder.event(nodeReference(config.nodeName), type, reason, message);
    },
  });
  return { manager, setPort: (port: number) => void (kubeletPort = port) };
}

export function createLease({ config, client, clock, logger }: Core, manager: NodeManager): LeaseController {
  return new LeaseController({
    client, nodeName: config.nodeName, renewIntervalMs: config.nodeLeaseRenewIntervalMs, durationSeconds: config.nodeLeaseDurationSeconds, clock, logger,
    nodeUid: manager.registered().then(({ metadata }) => metadata.uid),
  });
}

/** As Kubernetes puts several errors into one message. */
function bothProblems(...problems: (string | undefined)[]): string | undefined {
  const found = problems.filter((problem) => problem !== undefined);
  return found.length > 1 ? `[${found.join(', ')}]` : found[0];
}

function podCapacity({ maxPods, podsPerCore }: KubeletConfig, { cpuMilli }: MachineInfo): number {
  return podsPerCore === 0 ? maxPods : Math.min(maxPods, podsPerCore * Number(cpuMilli / 1000n));
}
