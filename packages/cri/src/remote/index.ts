export { createRemoteRuntime } from './remote-runtime.ts';
export type { RemoteRuntimeOptions } from './remote-runtime.ts';
export { checkEndpoint, EndpointError } from './check-endpoint.ts';
export type { EndpointProblem } from './check-endpoint.ts';
export type { TlsFiles } from './endpoint.ts';
export { findEndpoint, wellKnownEndpoints } from './find-endpoint.ts';
export type { FoundEndpoint } from './find-endpoint.ts';
export { createRemoteConnection } from './remote-connection.ts';
export type { RemoteConnectionOptions } from './remote-connection.ts';
