import { uidOf } from '@podling/shared/api';
import { run } from '../exec.ts';
import { Logind } from '../node/logind.ts';
import type { NodeManager } from '../node/node-manager.ts';
import { NodeShutdown, shutdownEnd } from '../node/node-shutdown.ts';
import type { PodWorkers } from '../pod/pod-workers.ts';
import type { BaseParts } from './base-parts.ts';
import type { Core } from './core.ts';

export function createShutdown({ config, clock, logger }: Core, { evictions, activePods, recorder }: BaseParts, workers: PodWorkers, node: NodeManager): NodeShutdown {
  return new NodeShutdown({
    periods: config.shutdownGracePeriods, nodeName: config.nodeName, activePods, recorder, clock, logger,
    end: (pod, gracePeriodSeconds) => {
      evictions.disrupt(pod, shutdownEnd, gracePeriodSeconds, clock.now());
      workers.interrupt(uidOf(pod), gracePeriodSeconds);
    },
    hasEnded: (pod) => workers.hasEnded(uidOf(pod)),
    onChange: () => node.soon(),
  });
}

/** Undefined where nobody wants to be told that the machine goes down. */
export function createLogind({ config, deps, clock, logger }: Core, shutdown: NodeShutdown): Logind | undefined {
  if (config.shutdownGracePeriods.length === 0 || deps.runtime) return undefined;
  return new Logind({ run, onShutdown: () => shutdown.begin(), onCancel: () => shutdown.cancel(), clock, logger });
}
