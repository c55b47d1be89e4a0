export { containerdConfig } from './containerd-config.ts';
export type { ContainerdConfig, CriPlugin, TcpEndpoint } from './containerd-config.ts';
export { readMachineLimits } from './machine-limits.ts';
export type { MachineLimits } from './machine-limits.ts';
export { checkContainerdConfig } from './check-config.ts';
export type { ConfigGround } from './check-config.ts';
export type { Finding } from './finding.ts';
