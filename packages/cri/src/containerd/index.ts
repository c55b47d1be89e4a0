export { createContainerdRuntime } from './containerd-runtime.ts';
export type { ContainerdRuntimeOptions } from './runtime-parts.ts';
