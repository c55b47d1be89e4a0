export type { StreamRequest } from './stream-request.ts';
export { StreamUpgrader } from './stream-upgrader.ts';
export { StreamingServer } from './streaming-server.ts';
export type { StreamingServerOptions } from './streaming-server.ts';
