export { startApiServer } from './server.ts';
export type { RunningApiServer } from './server.ts';
export type { ApiServerConfig } from './config.ts';
