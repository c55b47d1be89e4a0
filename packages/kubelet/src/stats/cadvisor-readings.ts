import { setImmediate as nextTurn } from 'node:timers/promises';
import { readCgroupDetails, readCgroupUsage, readNetworkUsage, type CgroupDetails, type CgroupUsage, type InterfaceUsage } from '@podling/shared/process';
import type { FilesystemUsage } from '@podling/cri';
import { namespaceOf, type Pod } from '@podling/shared/api';
import { containerNameLabel } from '../runtime/labels.ts';
import { reportedContainer } from '../runtime/lost-container.ts';
import type { FsSpace } from './fs-space.ts';
import { layerSpaces } from './layer-spaces.ts';
import type { PodReading } from './pod-stats.ts';

/** How cAdvisor tells cgroups apart: those of a pod itself have no name, those of no pod nothing but an id. */
export interface CgroupLabels {
  container: string;
  /** The cgroup. */
  id: string;
  image: string;
  /** The container's id. */
  name: string;
  namespace: string;
  pod: string;
}

export interface CgroupReading {
  labels: CgroupLabels;
  timestampMs: number;
  usage: CgroupUsage;
  details: CgroupDetails;
  startedAtMs?: number;
  layer?: { usage: FilesystemUsage; space: FsSpace | undefined };
}

export interface NetworkReading {
  labels: CgroupLabels;
  timestampMs: number;
  interfaces: InterfaceUsage[];
}

export interface CadvisorReadings {
  cgroups: CgroupReading[];
  networks: NetworkReading[];
}

/** Where the kernel's figures come from. */
export interface KernelFiles {
  usage: (cgroup: string) => CgroupUsage | undefined;
  details: (cgroup: string) => CgroupDetails | undefined;
  network: (pid: number) => InterfaceUsage[] | undefined;
}

export interface CadvisorOptions {
  /** The cgroup of all pods. */
  kubepods: string;
  cgroupOf: (pod: Pod) => string;
  pauseImage: string;
  now: () => number;
  kernel?: KernelFiles;
}

const kernelFiles: KernelFiles = { usage: readCgroupUsage, details: readCgroupDetails, network: readNetworkUsage };

/** All that the kernel counts of pods and containers, from its own files; what goes meanwhile is left out. Upstream twin: cAdvisor. */
export async function readCadvisor(readings: readonly PodReading[], options: CadvisorOptions): Promise<CadvisorReadings> {
  const spaces = await layerSpaces(readings, options.now());
  const found: CadvisorReadings = { cgroups: readCgroup([options.kubepods], noLabels, options), networks: [] };
  for (const reading of readings) {
    const { cgroups, networks } = readPod(reading, spaces, options);
    found.cgroups.push(...cgroups);
    found.networks.push(...networks);
    // The files are read at once: others get their turn between two pods.
    await nextTurn();
  }
  return found;
}

const noLabels = { container: '', image: '', name: '', namespace: '', pod: '' };

function readPod({ pod, sandbox }: PodReading, spaces: ReadonlyMap<string, FsSpace>, options: CadvisorOptions): CadvisorReadings {
  const { cgroupOf, pauseImage, now, kernel = kernelFiles } = options;
  const folder = cgroupOf(pod);
  const labels = { ...noLabels, namespace: namespaceOf(pod), pod: pod.metadata.name };
  const containers = sandbox.containers.flatMap(({ id, labels: own, writableLayer }) => {
    const container = own[containerNameLabel] ?? '';
    const { image, startedAtMs } = statusOf(pod, container);
    const layer = writableLayer && { layer: { usage: writableLayer, space: spaces.get(writableLayer.mountpoint) } };
    return readCgroup(places(folder, id), { ...labels, container, image, name: id }, options).map((reading) => ({ ...reading, ...layer, ...(startedAtMs === undefined ? {} : { startedAtMs }) }));
  });
  const pause = pod.spec.hostNetwork === true ? undefined : processIn(places(folder, sandbox.id), kernel);
  const interfaces = pause && kernel.network(pause.pid);
  const networks = interfaces ? [{ labels: cgroupLabels({ ...labels, id: pause.id, image: pauseImage, name: sandbox.id }), timestampMs: now(), interfaces }] : [];
  return { cgroups: [...readCgroup([folder], labels, options), ...containers], networks };
}

/** In the order in which Prometheus has them. */
function cgroupLabels({ container, id, image, name, namespace, pod }: CgroupLabels): CgroupLabels {
  return { container, id, image, name, namespace, pod };
}

/** How runtimes call the cgroup of a container in that of its pod. */
function places(folder: string, id: string): string[] {
  return [`${folder}/${id}`, `${folder}/cri-containerd-${id}.scope`, `${folder}/crio-${id}.scope`];
}

/** The first process of the first of these that has one. */
function processIn(paths: readonly string[], { details }: KernelFiles): { id: string; pid: number } | undefined {
  for (const id of paths) {
    const pid = details(id)?.pids[0];
    if (pid !== undefined) return { id, pid };
  }
  return undefined;
}

/** The first of these that is there. */
function readCgroup(paths: readonly string[], labels: Omit<CgroupLabels, 'id'>, { now, kernel = kernelFiles }: CadvisorOptions): CgroupReading[] {
  for (const id of paths) {
    const [usage, details] = [kernel.usage(id), kernel.details(id)];
    if (usage && details) return [{ labels: cgroupLabels({ ...labels, id }), timestampMs: now(), usage, details }];
  }
  return [];
}

function statusOf({ status }: Pod, name: string): { image: string; startedAtMs?: number } {
  const found = status && reportedContainer(status, name);
  const startedAtMs = Date.parse(found?.state?.running?.startedAt ?? '');
  return { image: found?.image ?? '', ...(Number.isNaN(startedAtMs) ? {} : { startedAtMs }) };
}
