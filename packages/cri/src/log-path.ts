/** A container's log is one file being written and the older ones, as many as this together. */
export const MAX_LOG_FILES = 5;

/** A log file is ended at the first line end past this size. */
export const MAX_LOG_FILE_BYTES = 10 * 1024 * 1024;

/** `index` 0 is the file being written, 1 the one before it. */
export function rotatedLogPath(logPath: string, index: number): string {
  return index === 0 ? logPath : `${logPath}.${index}`;
}

/** All files that may hold a container's log, oldest first; any of them may be missing. */
export function logFilePaths(logPath: string): string[] {
  return Array.from({ length: MAX_LOG_FILES }, (_, age) => rotatedLogPath(logPath, MAX_LOG_FILES - 1 - age));
}
