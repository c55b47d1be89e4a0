export { createFakeRuntime, FakeRuntime } from './fake-runtime.ts';
export type { FakeOperation, FakeRuntimeOptions } from './fake-runtime.ts';
export type { FakeContainerBehaviour } from './fake-world.ts';
