import type { CriRuntime, LinuxResources } from '@podling/cri';
import type { Pod } from '@podling/shared/api';
import type { CgroupResources, ContainerResources } from '../cm/container-resources.ts';
import type { PodCgroups } from '../cm/pod-cgroups.ts';
import type { ContainerResize } from './compute-resize.ts';

type Resource = 'memory' | 'cpu';

const fields: Record<Resource, readonly (keyof CgroupResources)[]> = {
  memory: ['memoryLimitBytes'],
  cpu: ['cpuShares', 'cpuPeriod', 'cpuQuota'],
};

/** A limit that is not there is the highest. */
const limitField = { memory: 'memoryLimitBytes', cpu: 'cpuQuota' } as const;

/**
 * Brings running containers and their pod's cgroup to new amounts: memory, then cpu; what a container gives up comes
 * before what another gets, and the pod at all times allows what its containers may use. Nothing is begun if memory would be
 * limited to less than is in use. Every step may be repeated. Upstream twin: kuberuntime `doPodResizeAction`.
 */
export class PodResizer {
  readonly #runtime: Pick<CriRuntime, 'containerStats' | 'updateContainerResources'>;
  readonly #cgroups: PodCgroups;
  readonly #figures: Pick<ContainerResources, 'podConfig'>;

  constructor(runtime: Pick<CriRuntime, 'containerStats' | 'updateContainerResources'>, cgroups: PodCgroups, figures: Pick<ContainerResources, 'podConfig'>) {
    this.#runtime = runtime;
    this.#cgroups = cgroups;
    this.#figures = figures;
  }

  async resize(pod: Pod, updates: readonly ContainerResize[]): Promise<void> {
    await this.#checkMemory(pod, updates);
    await this.#cgroups.widen(pod);
    for (const resource of ['memory', 'cpu'] as const) {
      const wanted = updates.filter((update) => differs(resource, update));
      const down = wanted.filter((update) => !rises(resource, update));
      const up = wanted.filter((update) => rises(resource, update));
      for (const { container, resources } of [...down, ...up]) await this.#runtime.updateContainerResources(container.id, pick(resource, { ...noLimits, ...resources }));
    }
    await this.#cgroups.ensure(pod);
  }

  async #checkMemory(pod: Pod, updates: readonly ContainerResize[]): Promise<void> {
    const shrinking = updates.filter(({ container, resources }) => limitOf(resources) < limitOf(container.resources));
    if (shrinking.length === 0) return;
    const problems: string[] = [];
    const compare = (what: string, limit: number, usage: number): void => {
      if (usage >= limit) problems.push(`attempting to set ${what} memory limit (${limit}) below current usage (${usage})`);
    };
    compare('pod', limitOf(this.#figures.podConfig(pod)), await this.#cgroups.memoryUsageBytes(pod));
    for (const { container, resources } of shrinking) {
      const { memoryUsageBytes } = await this.#runtime.containerStats(container.id);
      compare(`container ${JSON.stringify(container.metadata.name)}`, limitOf(resources), memoryUsageBytes);
    }
    if (problems.length > 0) throw new Error(`cannot decrease memory limits: ${problems.length > 1 ? `[${problems.join(', ')}]` : problems[0]}`);
  }
}

function limitOf({ memoryLimitBytes = 0 }: Pick<CgroupResources, 'memoryLimitBytes'>): number {
  return memoryLimitBytes > 0 ? memoryLimitBytes : Number.POSITIVE_INFINITY;
}

/** A limit that is taken away is said so; without one nothing is set. */
const noLimits = { cpuQuota: 0, memoryLimitBytes: 0 };

function pick(resource: Resource, resources: LinuxResources): LinuxResources {
  return Object.fromEntries(fields[resource].filter((field) => resources[field] !== undefined).map((field) => [field, resources[field]]));
}

function differs(resource: Resource, { container, resources }: ContainerResize): boolean {
  return fields[resource].some((field) => field !== 'cpuPeriod' && (resources[field] ?? 0) !== (container.resources[field] ?? 0));
}

function rises(resource: Resource, { container, resources }: ContainerResize): boolean {
  const field = limitField[resource];
  const [before, after] = [container.resources, resources].map((one) => one[field] || Number.POSITIVE_INFINITY);
  if (before === after || before === undefined || after === undefined) return (resources.cpuShares ?? 0) > (container.resources.cpuShares ?? 0);
  return after > before;
}
