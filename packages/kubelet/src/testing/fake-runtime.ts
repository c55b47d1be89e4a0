/** A runtime in memory, for tests of single parts; a whole kubelet on one is `KubeletBench`. */
export { createFakeRuntime, type FakeRuntime } from '@podling/cri/fake';
