import { status } from '@grpc/grpc-js';
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
