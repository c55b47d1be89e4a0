import { EventedPleg } from '../pleg/evented-pleg.ts';
import { GenericPleg } from '../pleg/generic-pleg.ts';
import { PlegMetrics } from '../pleg/pleg-metrics.ts';
import type { StatusCache } from '../runtime/status-cache.ts';
import type { Core } from './core.ts';

/** A PLEG that relists more seldom would look like one that has died. */
const longestRelistPeriodMs = 60_000;

export interface RuntimeListener {
  /** Something has happened to a container of the pod. */
  onChange: (uid: string) => void;
  /** The runtime answers again. */
  onBack: () => void;
}

export interface PlegParts {
  pleg: EventedPleg;
  metrics: PlegMetrics;
  problem: () => string | undefined;
}

export function createPleg({ config, runtime, clock, logger, deps }: Core, statuses: StatusCache, { onChange, onBack }: RuntimeListener): PlegParts {
  const metrics = new PlegMetrics();
  const relistPeriodMs = deps.relistPeriodMs ?? Math.min(config.syncFrequencyMs, longestRelistPeriodMs);
  const generic = new GenericPleg({ listPods: () => statuses.listPods(), onChange, metrics, clock, logger, relistPeriodMs });
  const pleg = new EventedPleg({ runtime, generic, onChange, onBack, metrics, clock, logger });
  return { pleg, metrics, problem: () => generic.problem() };
}
