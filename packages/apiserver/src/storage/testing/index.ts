export { createMemoryStorage } from '../memory/memory-storage.ts';
export { startEtcd } from './start-etcd.ts';
export type { TestEtcd, TestEtcdOptions } from './start-etcd.ts';
export { openTcpLink } from './tcp-link.ts';
export type { TcpLink } from './tcp-link.ts';
