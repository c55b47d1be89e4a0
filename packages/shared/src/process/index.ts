export { isMountPoint, mountPointOf, mountPointsBelow, parseMountInfo, readMountTable } from './mount-table.ts';
export type { MountPoint } from './mount-table.ts';
export { allPids, commandLine, identify, isRunning, processStat, sendSignal } from './process-identity.ts';
export type { ProcessIdentity } from './process-identity.ts';
export { runProcess } from './run-process.ts';
export type { ProcessContext, ProcessHandle, RunningProcess } from './run-process.ts';
export { readPodCidr } from './subnet-file.ts';
export { criToolchainBin, toolchainDir } from './toolchain-dir.ts';
