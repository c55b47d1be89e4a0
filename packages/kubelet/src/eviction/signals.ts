import type { FsStats, Summary } from '../stats/summary.ts';

/** What the node may run short of. Upstream twin: eviction api `Signal`. */
export type Signal =
  | 'memory.available'
  | 'allocatableMemory.available'
  | 'nodefs.available'
  | 'nodefs.inodesFree'
  | 'imagefs.available'
  | 'imagefs.inodesFree'
  | 'containerfs.available'
  | 'containerfs.inodesFree'
  | 'pid.available';

export type PressureCondition = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';

/** As a resource is named in messages and Events. */
export type StarvedResource = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids';

interface SignalTraits {
  condition: PressureCondition;
  resource: StarvedResource;
}

const memory: SignalTraits = { condition: 'MemoryPressure', resource: 'memory' };
const disk: SignalTraits = { condition: 'DiskPressure', resource: 'ephemeral-storage' };
const inodes: SignalTraits = { condition: 'DiskPressure', resource: 'inodes' };

export const signalTraits: Readonly<Record<Signal, SignalTraits>> = {
  'memory.available': memory,
  'allocatableMemory.available': memory,
  'nodefs.available': disk,
  'nodefs.inodesFree': inodes,
  'imagefs.available': disk,
  'imagefs.inodesFree': inodes,
  'containerfs.available': disk,
  'containerfs.inodesFree': inodes,
  'pid.available': { condition: 'PIDPressure', resource: 'pids' },
};

export function isSignal(text: string): text is Signal {
  return Object.hasOwn(signalTraits, text);
}

/** Bytes, inodes or process ids. */
export interface Observation {
  available: number;
  capacity: number;
  /** RFC 3339; '' when nobody says. */
  time: string;
}

export type Observations = ReadonlyMap<Signal, Observation>;

/** The name of the system container that all pods together are. */
const podsContainer = 'pods';

/** What the summary tells of each signal; one that it does not tell of is not there. Upstream twin: `makeSignalObservations`. */
export function observe({ node }: Summary): Observations {
  const pods = node.systemContainers?.find(({ name }) => name === podsContainer);
  const found: [Signal, Observation | undefined][] = [
    ['memory.available', memoryObservation(node.memory)],
    ['allocatableMemory.available', memoryObservation(pods?.memory)],
    ...fsObservations('nodefs', node.fs),
    ...fsObservations('imagefs', node.runtime?.imageFs),
    ...fsObservations('containerfs', node.runtime?.containerFs),
    ['pid.available', pidObservation(node.rlimit)],
  ];
  return new Map(found.flatMap(([signal, observation]) => (observation === undefined ? [] : [[signal, observation] as const])));
}

function memoryObservation(stats: Summary['node']['memory']): Observation | undefined {
  if (stats?.availableBytes === undefined || stats.workingSetBytes === undefined) return undefined;
  return { available: stats.availableBytes, capacity: stats.availableBytes + stats.workingSetBytes, time: stats.time };
}

function fsObservations(name: 'nodefs' | 'imagefs' | 'containerfs', stats: FsStats | undefined): [Signal, Observation | undefined][] {
  const { availableBytes, capacityBytes, inodesFree, inodes: allInodes, time = '' } = stats ?? {};
  return [
    [`${name}.available`, observation(availableBytes, capacityBytes, time)],
    // A file system without a number of inodes of its own makes them as it needs them.
    [`${name}.inodesFree`, allInodes === 0 ? undefined : observation(inodesFree, allInodes, time)],
  ];
}

function pidObservation(rlimit: Summary['node']['rlimit']): Observation | undefined {
  if (rlimit?.maxpid === undefined || rlimit.curproc === undefined) return undefined;
  return { available: rlimit.maxpid - rlimit.curproc, capacity: rlimit.maxpid, time: rlimit.time };
}

function observation(available: number | undefined, capacity: number | undefined, time: string): Observation | undefined {
  return available === undefined || capacity === undefined ? undefined : { available, capacity, time };
}
