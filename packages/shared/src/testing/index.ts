export { FakeClock, settle } from './fake-clock.ts';
export { createFakeServer } from './fake-client.ts';
export type { FakeServer } from './fake-client.ts';
export { FakeListWatch } from './fake-list-watch.ts';
export type { FakeResource, RevisionCounter } from './fake-list-watch.ts';
export { buildNode, buildNodeLease, buildPod } from './object-builders.ts';
export type { NodeParts, PodParts } from './object-builders.ts';
