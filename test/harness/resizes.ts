import { containerOf, isRunning, podUntil } from '@podling/deploy/observe';
import type { World } from '@podling/deploy/observe';
import type { Pod } from '@podling/shared/api';
import { expect } from 'vitest';

export interface Amounts {
  requests: Record<string, string>;
  limits: Record<string, string>;
}

export const small: Amounts = { requests: { cpu: '50m', memory: '32Mi' }, limits: { cpu: '500m', memory: '32Mi' } };
export const large: Amounts = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '750m', memory: '64Mi' } };
/** What `watchCgroup` tells of them: quota and period of the CPU in microseconds, bytes of memory. */
export const smallFigures = '50000 100000 33554432';
export const largeFigures = '75000 100000 67108864';

/** Tells what its cgroup allows, again and again, on cgroup v1 or v2. */
export const watchCgroup = `cd /sys/fs/cgroup; while true; do
  if [ -e cgroup.controllers ]; then echo $(cat cpu.max memory.max); else echo $(cat cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us memory/memory.limit_in_bytes); fi
  sleep 0.2
done`;

export const conditionOf = (pod: Pod, type: string) => pod.status?.conditions?.find((condition) => condition.type === type);
const settled = (pod: Pod): boolean => conditionOf(pod, 'PodResizePending') === undefined && conditionOf(pod, 'PodResizeInProgress') === undefined;

/** Resizes of pods whose one container is `main`. */
export class Resizes {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  ask(name: string, resources: Amounts): Promise<Pod> {
    return this.#world.client.rest.request<Pod>({
      method: 'PATCH',
      path: `/api/v1/namespaces/${this.#world.namespace}/pods/${name}/resize`,
      contentType: 'application/strategic-merge-patch+json',
      body: { spec: { containers: [{ name: 'main', resources }] } },
    });
  }

  /** Resolves when the pod's status says that it is done. */
  inForce(name: string, { limits }: Amounts): Promise<Pod> {
    return podUntil(this.#world, name, `to have ${JSON.stringify(limits)}`, (pod) => {
      const { memory, cpu } = containerOf(pod).resources?.limits ?? {};
      return isRunning(pod) && settled(pod) && memory === limits['memory'] && cpu === limits['cpu'];
    });
  }

  /** Resolves when the last line of the pod's log says so. */
  async says(name: string, text: string): Promise<void> {
    const path = `/api/v1/namespaces/${this.#world.namespace}/pods/${name}/log`;
    await expect.poll(async () => (await this.#world.client.rest.requestText({ path, query: { tailLines: '1' } })).trim(), { timeout: 20_000 }).toBe(text);
  }
}
