export { StreamingServer } from './streaming-server.ts';
export type { StreamingServerOptions } from './streaming-server.ts';
