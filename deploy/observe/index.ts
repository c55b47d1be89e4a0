export { kubectlFor, mustSucceed } from './kubectl.ts';
export type { Kubectl, KubectlResult } from './kubectl.ts';
export { containerOf, isRunning, nodeOf, openWorld, pidOf, podUntil } from './world.ts';
export type { World } from './world.ts';
export { cpuPercent } from './stats.ts';
export { TimeoutError, waitUntil } from '../wait-until.ts';
