import type { Static } from 'typebox';
import { ResourceRequirementsSchema, type ResourceRequirements } from './resource-requirements.ts';
import { boolean, int32, int64, keepEmpty, list, mapList, mergeList, model, named, oneOf, resourceList, string, timeOrNull, unlisted } from './schema.ts';
import { signal } from './signal.ts';

export const ContainerStateWaitingSchema = model('core.v1.ContainerStateWaiting', {}, { reason: string, message: string });
export interface ContainerStateWaiting extends Static<typeof ContainerStateWaitingSchema> {}

export const ContainerStateRunningSchema = model('core.v1.ContainerStateRunning', {}, { startedAt: timeOrNull });
export interface ContainerStateRunning extends Static<typeof ContainerStateRunningSchema> {}

export const ContainerStateTerminatedSchema = model(
  'core.v1.ContainerStateTerminated',
  { exitCode: int32 },
  { signal: int32, reason: string, message: string, startedAt: timeOrNull, finishedAt: timeOrNull, containerID: string },
);
export interface ContainerStateTerminated extends Static<typeof ContainerStateTerminatedSchema> {}

/** At most one of the three; none means waiting. */
export const ContainerStateSchema = model(
  'core.v1.ContainerState',
  {},
  {
    waiting: named<ContainerStateWaiting>(ContainerStateWaitingSchema),
    running: named<ContainerStateRunning>(ContainerStateRunningSchema),
    terminated: named<ContainerStateTerminated>(ContainerStateTerminatedSchema),
  },
);
export interface ContainerState extends Static<typeof ContainerStateSchema> {}

const VolumeMountStatusSchema = model(
  'core.v1.VolumeMountStatus',
  { name: string, mountPath: string },
  {
    readOnly: boolean,
    recursiveReadOnly: keepEmpty(unlisted(oneOf('Disabled', 'IfPossible', 'Enabled'))),
    volumeStatus: model('core.v1.VolumeStatus', {}, { image: model('core.v1.ImageVolumeStatus', { imageRef: string }, {}, { defaults: { imageRef: undefined } }) }),
  },
);

const ResourceHealthSchema = model('core.v1.ResourceHealth', { resourceID: string }, { health: unlisted(oneOf('Healthy', 'Unhealthy', 'Unknown')), message: keepEmpty(string) });

const ContainerUserSchema = model('core.v1.ContainerUser', {}, { linux: model('core.v1.LinuxContainerUser', { uid: int64, gid: int64 }, { supplementalGroups: list(int64) }) });

export const ContainerStatusSchema = model(
  'core.v1.ContainerStatus',
  { name: string, ready: boolean, restartCount: int32, image: string, imageID: string },
  {
    state: named<ContainerState>(ContainerStateSchema),
    lastState: named<ContainerState>(ContainerStateSchema),
    containerID: string,
    started: keepEmpty(boolean),
    allocatedResources: resourceList,
    resources: named<ResourceRequirements>(ResourceRequirementsSchema),
    volumeMounts: mergeList(VolumeMountStatusSchema, 'mountPath'),
    user: ContainerUserSchema,
    allocatedResourcesStatus: mergeList(model('core.v1.ResourceStatus', { name: string }, { resources: mapList(ResourceHealthSchema, 'resourceID') }), 'name'),
    stopSignal: keepEmpty(signal),
  },
  { defaults: { state: {}, lastState: {} } },
);
export interface ContainerStatus extends Static<typeof ContainerStatusSchema> {}
