/** What Kubernetes' stream protocols from v4 on say at the end, as JSON on the error stream. */
export interface CommandStatus {
  metadata: Record<never, never>;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  code?: number;
  details?: { causes: { reason?: string; message: string }[] };
}

export const success: CommandStatus = { metadata: {}, status: 'Success' };

export function exitStatus(exitCode: number): CommandStatus {
  if (exitCode === 0) return success;
  return {
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

/** As a shell has it: 127 for a command that is not there, 126 for one that cannot be run. */
export function startFailureCode(message: string): number {
  return /executable file not found|no such file or directory/.test(message) ? 127 : 126;
}

export function failureStatus(error: unknown): CommandStatus {
  const message = error instanceof Error ? error.message : String(error);
  return { metadata: {}, status: 'Failure', reason: 'InternalError', code: 500, message: `Internal error occurred: ${message}`, details: { causes: [{ message }] } };
}
