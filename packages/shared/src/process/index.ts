export { runProcess } from './run-process.ts';
export type { ProcessContext, ProcessHandle, RunningProcess } from './run-process.ts';
export { toolchainDir } from './toolchain-dir.ts';
