import type { Pod } from '@podling/shared/api';
import { KeyedBackOff } from '../back-off/keyed-back-off.ts';
import type { NodeManager } from '../node/node-manager.ts';
import { ObjectWatches } from '../objects/object-watches.ts';
import { PodObjects } from '../objects/pod-objects.ts';
import { TokenManager } from '../objects/token-manager.ts';
import type { Rejection } from '../pod/admission.ts';
import type { ProbeManager } from '../prober/probe-manager.ts';
import { SyncPod } from '../sync-pod.ts';
import { VolumeManager } from '../volumes/volume-manager.ts';
import type { BaseParts } from './base-parts.ts';
import type { Core } from './core.ts';
import { createAdmission, createAllocations } from './create-admission.ts';
import { createContainerManager, type ContainerManager } from './create-container-manager.ts';
import { createRuntimeManager } from './create-runtime-manager.ts';

export interface SyncPodHooks {
  /** Something outside has changed for the pod. */
  wake: (uid: string) => void;
  /** Nothing is left of the pod. */
  onForgotten: (uid: string) => void;
  /** Why the node does not take a new pod now, or undefined. */
  refusal: (pod: Pod) => Rejection | undefined;
  /** A critical pod needs its room. */
  preempt: (pod: Pod) => void;
  hasEnded: (uid: string) => boolean;
}

export interface SyncPodParts {
  syncer: SyncPod;
  volumes: VolumeManager;
  containerManager: ContainerManager;
}

export async function createSyncPod(core: Core, base: BaseParts, node: NodeManager, probes: ProbeManager, hooks: SyncPodHooks): Promise<SyncPodParts> {
  const { config, client, clock, paths } = core;
  const { statuses, events, statusManager, evictions } = base;
  const backOff = (initialMs: number, maxMs: number): KeyedBackOff => new KeyedBackOff({ clock, initialMs, maxMs });
  const backOffs = { image: backOff(10_000, 300_000), failure: backOff(1_000, 60_000), volume: backOff(500, 120_000), resize: backOff(1_000, 60_000) };
  const objects = new PodObjects(client);
  const tokens = new TokenManager({ client, clock });
  const containerManager = await createContainerManager(core, base);
  const allocations = createAllocations(core, base, node, containerManager, hooks.wake);
  await allocations.load();
  await containerManager.start(() => base.activePods().map((pod) => allocations.allocated(pod)));
  const { runtimeManager, images, waiting, crashBackOff, killer } = createRuntimeManager(core, base, objects, probes, containerManager, backOffs);
  const onNews = (uid: string): void => {
    backOffs.volume.reset(`${uid}/volumes`);
    hooks.wake(uid);
  };
  const volumes = createVolumeManager(core, base, { objects, tokens, onNews });
  const admission = createAdmission(core, { ...hooks, allocations, node, cpus: containerManager.cpus });
  const syncer = new SyncPod({
    evictions, allocations, runtimeManager, statuses, statusManager, waiting, events, paths, clock, probes, volumes,
    figures: containerManager.figures,
    volumeBackOff: backOffs.volume,
    forgetters: [images, objects, tokens, crashBackOff, killer, evictions, admission, { forgetPod: hooks.onForgotten }],
    backOffs: Object.values(backOffs),
    hostIPs: [config.nodeIp],
    admit: admission.admit,
  });
  return { syncer, volumes, containerManager };
}

interface VolumeParts {
  objects: PodObjects;
  tokens: TokenManager;
  onNews: (uid: string) => void;
}

function createVolumeManager({ client, clock, logger, paths, mounter, allocatable }: Core, { events }: BaseParts, parts: VolumeParts): VolumeManager {
  return new VolumeManager({ ...parts, paths, mounter, events, clock, nodeAllocatable: allocatable, watches: new ObjectWatches({ client, clock, logger }) });
}
