export * from './cri.ts';
export { imageRepository, normalizeImageReference } from './image-reference.ts';
export { defaultLogLimits, logFilePaths, rotatedLogPath, type LogLimits } from './log-path.ts';
export { unlessNotFound } from './not-found.ts';
export { supportsRecursiveReadOnly } from './recursive-read-only.ts';
export { LogFolder, removePodLogs } from './log-folder.ts';
