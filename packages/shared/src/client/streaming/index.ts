export { openCommandStream } from './command-stream.ts';
export type { CommandStream, CommandStreamOptions } from './command-stream.ts';
export { openPortForward } from './port-forward.ts';
export type { ForwardedStream, PortForward } from './port-forward.ts';
export { StreamError } from '../stream-error.ts';
