export { runCrictl } from './cli.ts';
export type { Io, Terminal } from './io.ts';
