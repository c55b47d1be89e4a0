export { DEFAULT_DETACH_KEYS, DetachKeys, parseDetachKeys } from './detach-keys.ts';
export { listenAddresses, PortListeners } from './port-listeners.ts';
export type { ForwardedPort, PortListenersOptions } from './port-listeners.ts';
