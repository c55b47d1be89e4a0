export { createFakeRuntime, FakeRuntime } from './fake-runtime.ts';
export type { FakeContainerBehaviour, FakeOperation, FakeRuntimeOptions } from './fake-runtime.ts';
