export type { LogStream } from './cri-line.ts';
export type { LogPiece } from './log-chunk.ts';
export type { LogOptions } from './log-options.ts';
export type { LogSource } from './log-tail.ts';
export { LogTails } from './log-tails.ts';
export { followLog, followLogPieces, readLog, readLogPieces } from './read-log.ts';
