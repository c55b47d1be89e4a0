export { createCriServer } from './cri-server.ts';
export type { CriServer, CriServerOptions } from './cri-server.ts';
export type { StreamUrls } from './runtime-service.ts';
