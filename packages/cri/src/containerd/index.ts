export { createContainerdRuntime } from './containerd-runtime.ts';
export type { ContainerdRuntimeOptions } from './containerd-runtime.ts';
