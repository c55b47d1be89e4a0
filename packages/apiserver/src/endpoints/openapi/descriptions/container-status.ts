import type { ModelDescriptions } from '../descriptions.ts';

/** What is known of containers. */
export const containerStatus: ModelDescriptions = {
  'core.v1.ContainerStatus': {
    '': 'What is known of one container.',
    allocatedResources: 'What the node has set aside for it.',
    allocatedResourcesStatus: 'Health of devices and the like that it uses.',
    containerID: 'RUNTIME://ID of the container.',
    image: 'The image that runs, which may be named otherwise than in the spec.',
    imageID: 'Identity of the image that runs.',
    lastState: 'How the previous instance ended; empty before the first restart.',
    name: 'Name of the container.',
    ready: 'Whether it has started and its readiness probe, if any, succeeds.',
    resources: 'The requests and limits that are in force.',
    restartCount: 'How often it was started again.',
    started: 'Whether its postStart hook is done and its startup probe, if any, has succeeded.',
    state: 'What it does now.',
    stopSignal: 'The signal that asks it to stop.',
    user: 'Whom it runs as.',
    volumeMounts: 'How volumes are mounted.',
  },
  'core.v1.ContainerState': {
    '': 'State of a container: one of these; none means waiting.',
    running: 'It runs.',
    terminated: 'It has ended.',
    waiting: 'It has not started yet.',
  },
  'core.v1.ContainerStateRunning': { '': 'A container that runs.', startedAt: 'When it was last started.' },
  'core.v1.ContainerStateTerminated': {
    '': 'A container that has ended.',
    containerID: 'RUNTIME://ID of the container.',
    exitCode: 'Its exit code.',
    finishedAt: 'When it ended.',
    message: 'Its termination message.',
    reason: 'How it ended, in one word, such as Completed, Error or OOMKilled.',
    signal: 'The signal that ended it.',
    startedAt: 'When it was started.',
  },
  'core.v1.ContainerStateWaiting': {
    '': 'A container that has not started.', message: 'Why, for people.', reason: 'Why, in one word, such as ImagePullBackOff.',
  },
  'core.v1.ContainerUser': { '': 'Whom a container runs as.', linux: 'On Linux.' },
  'core.v1.LinuxContainerUser': {
    '': 'User and groups of the first process of a container.',
    gid: 'The primary group.',
    supplementalGroups: 'Further groups.',
    uid: 'The user.',
  },
  'core.v1.ResourceStatus': { '': 'Health of one resource of a container.', name: 'Name of the resource.', resources: 'Health by device.' },
  'core.v1.ResourceHealth': {
    '': 'Health of one device.', health: 'Healthy, Unhealthy or Unknown.', message: 'More about it, for people.', resourceID: 'Identity of the device.',
  },
  'core.v1.VolumeMountStatus': {
    '': 'How a volume is mounted.',
    mountPath: 'Path in the container.',
    name: 'Name of the mount.',
    readOnly: 'Whether it is read-only.',
    recursiveReadOnly: 'Whether what is mounted below is read-only as well.',
    volumeStatus: 'More for some kinds of volume.',
  },
  'core.v1.VolumeStatus': { '': 'What is known of a mounted volume.', image: 'Of an image volume.' },
  'core.v1.ImageVolumeStatus': { '': 'What is known of a mounted image.', imageRef: 'Digest of the image.' },
};
