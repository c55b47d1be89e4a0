export { createCriServer } from './cri-server.ts';
export type { CriServer, CriServerOptions } from './cri-server.ts';
export type { StreamUrls } from './runtime-service.ts';
export { createLocalConnection } from './local-connection.ts';
