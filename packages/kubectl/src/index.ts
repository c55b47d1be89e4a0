export { runKubectl } from './cli.ts';
export type { Connect } from './factory.ts';
export type { Io } from './io.ts';
