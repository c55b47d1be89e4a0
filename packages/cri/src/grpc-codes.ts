import { status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { CriError } from './cri.ts';
import type { CriErrorCode } from './cri.ts';

/** What a gRPC code says by itself; the rest is in words, or nobody's. */
export const criCodes: Partial<Record<status, CriErrorCode>> = {
  [status.NOT_FOUND]: 'NotFound',
  [status.INVALID_ARGUMENT]: 'InvalidArgument',
  [status.OUT_OF_RANGE]: 'InvalidArgument',
  [status.DEADLINE_EXCEEDED]: 'DeadlineExceeded',
  [status.UNAVAILABLE]: 'Unavailable',
  [status.CANCELLED]: 'Unavailable',
  [status.UNIMPLEMENTED]: 'Unimplemented',
};

/** Said by the client's own side, when nobody listens at the other end or has just ended. */
const noConnectionTexts = /^(?:No connection established|Connection dropped)/;

/**
 * What is said instead of what gRPC says when there is nobody to ask: `message` names the address and the fix. Undefined
 * for any other failure. It comes with every call until somebody is there, so it has no cause and no stack to log.
 */
export function noConnection({ code, details }: Pick<ServiceError, 'code' | 'details'>, message: string): CriError | undefined {
  if (code !== status.UNAVAILABLE || !noConnectionTexts.test(details)) return undefined;
  const text = `${message}${tlsReason(details)}`;
  const error = new CriError('Unavailable', text);
  error.stack = `${error.name}: ${text}`;
  return error;
}

/** Somebody is there after all, and the two cannot agree. */
function tlsReason(details: string): string {
  const reason = /Last error: (.*(?:certificate|SSL|TLS).*)\. Resolution note: /s.exec(details)?.[1];
  return reason === undefined ? '' : ` (${/SSL routines:[^:]*:([^:]+):/.exec(reason)?.[1] ?? reason.replace(/^Error(?: \[\w+\])?: /, '')})`;
}

/** The way back. */
export const grpcCodes: Partial<Record<CriErrorCode, status>> = {
  NotFound: status.NOT_FOUND,
  InvalidArgument: status.INVALID_ARGUMENT,
  InvalidImageName: status.INVALID_ARGUMENT,
  ImageNotPresent: status.NOT_FOUND,
  DeadlineExceeded: status.DEADLINE_EXCEEDED,
  Unavailable: status.UNAVAILABLE,
  Unimplemented: status.UNIMPLEMENTED,
};
