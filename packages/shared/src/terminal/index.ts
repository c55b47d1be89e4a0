export { DEFAULT_DETACH_KEYS, DetachKeys, parseDetachKeys } from './detach-keys.ts';
export { portNumber, splitPorts } from './forwarded-port.ts';
export type { ForwardedPort } from './forwarded-port.ts';
export { joinSocket } from './join-socket.ts';
export { listenAddresses, PortListeners } from './port-listeners.ts';
export type { PortListenersOptions } from './port-listeners.ts';
