import type { KubeObject } from '@podling/shared/api';
import type { User } from '../authentication/user.ts';
import type { KindInfo } from '@podling/shared/scheme';

/** One write on its way to a registry. */
export interface AdmissionRequest {
  user: User;
  operation: 'CREATE' | 'UPDATE' | 'DELETE';
  resource: KindInfo;
  /** '' for the object itself. */
  subresource: string;
  namespace: string;
  name: string;
  /** Absent for DELETE. A mutating plugin changes it in place. */
  object?: KubeObject;
  oldObject?: KubeObject;
  dryRun: boolean;
}

/**
 * A policy between decoding and storing. `admit` may change the object and runs before validation, `validate` may only
 * look and runs after it; both throw `ApiStatusError` to refuse. Upstream twin: apiserver's `admission.Interface`.
 */
export interface AdmissionPlugin {
  readonly name: string;
  admit?(request: AdmissionRequest): void | Promise<void>;
  validate?(request: AdmissionRequest): void | Promise<void>;
}
