export * from './cri.ts';
export { imageRepository, normalizeImageReference } from './image-reference.ts';
export { logFilePaths, MAX_LOG_FILE_BYTES, MAX_LOG_FILES, rotatedLogPath } from './log-path.ts';
export { supportsRecursiveReadOnly } from './recursive-read-only.ts';
export { LogFolder, removePodLogs } from './log-folder.ts';
