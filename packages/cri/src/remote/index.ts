export { createRemoteRuntime } from './remote-runtime.ts';
export type { RemoteRuntimeOptions } from './remote-runtime.ts';
export type { TlsFiles } from './endpoint.ts';
