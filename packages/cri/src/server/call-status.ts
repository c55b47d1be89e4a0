import { status } from '@grpc/grpc-js';
import { CriError } from '../cri.ts';
import type { CriErrorCode } from '../cri.ts';
import { grpcCodes } from '../grpc-codes.ts';

/** CRI has no codes of its own: clients read the rest out of words, so what says little by itself is said as other runtimes do. */
const words: Partial<Record<CriErrorCode, string>> = {
  InvalidImageName: 'invalid reference format: ',
  ImageNotPresent: 'failed to resolve image: ',
  NetworkError: 'failed to setup network for sandbox: ',
  StartError: 'failed to start process: OCI runtime: ',
};

/** How a failure goes over the wire. */
export function callStatus(error: unknown): { code: status; details: string } {
  if (!(error instanceof CriError)) return { code: status.INTERNAL, details: error instanceof Error ? error.message : String(error) };
  return { code: grpcCodes[error.code] ?? status.UNKNOWN, details: `${words[error.code] ?? ''}${error.message}` };
}
