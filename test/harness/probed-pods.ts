import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { containerOf, isRunning } from '@podling/deploy/observe';
import type { World } from '@podling/deploy/observe';
import type { Pod } from '@podling/shared/api';
import { applyPod, eventsOf, toolboxPod } from './e2e-cluster.ts';

const probe = { exec: { command: ['true'] }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 1 };

export const isReady = (pod: Pod): boolean => isRunning(pod) && containerOf(pod).ready;

/** Pods on the first node whose liveness and readiness are asked for every second, and which count their runs. */
export class ProbedPods {
  readonly #world: World;
  readonly #folder = mkdtempSync('/tmp/podling-probed-');

  constructor(world: World) {
    this.#world = world;
  }

  start(name: string): Promise<string> {
    const [node] = this.#world.cluster.nodes;
    const script = `echo run >> /runs/${name}; trap "exit 0" TERM; while :; do sleep 0.2; done`;
    return applyPod(this.#world, toolboxPod(name, script, {
      spec: { nodeName: node?.name, volumes: [{ name: 'runs', hostPath: { path: this.#folder } }] },
      container: { volumeMounts: [{ name: 'runs', mountPath: '/runs' }], livenessProbe: probe, readinessProbe: probe },
    }));
  }

  runs(name: string): number {
    return readFileSync(join(this.#folder, name), 'utf8').trim().split('\n').length;
  }

  events(reason: string, name: string): Promise<string[]> {
    return eventsOf(this.#world, name, reason);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
