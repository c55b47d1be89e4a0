export type { LogOptions } from './log-options.ts';
export type { LogSource } from './log-tail.ts';
export { LogTails } from './log-tails.ts';
export { followLog, readLog } from './read-log.ts';
