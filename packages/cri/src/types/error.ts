export type CriErrorCode =
  | 'NotFound'
  | 'InvalidArgument'
  | 'InvalidImageName'
  | 'ImagePull'
  | 'ImageNotPresent'
  /** The network could not be set up. */
  | 'NetworkError'
  /** The process could not be started (no such binary, not executable, bad working directory). */
  | 'StartError'
  | 'DeadlineExceeded'
  | 'Unavailable'
  /** The runtime has no such call. */
  | 'Unimplemented'
  | 'Unknown';

export class CriError extends Error {
  override readonly name = 'CriError';
  readonly code: CriErrorCode;

  constructor(code: CriErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function isCriNotFound(error: unknown): boolean {
  return error instanceof CriError && error.code === 'NotFound';
}
