import type { Pod } from '@podling/shared/api';
import type { Request } from 'express';
import type { PodManager } from '../pod/pod-manager.ts';
import { RequestError } from './request-error.ts';

/** The pod that `:namespace` and `:pod` of a path name. Throws 404. */
export function podOf(pods: PodManager, request: Request): Pod {
  const name = param(request, 'pod');
  const pod = pods.getByName(param(request, 'namespace'), name);
  if (pod === undefined) throw new RequestError(404, `pod "${name}" does not exist`);
  return pod;
}

export function param(request: Request, name: string): string {
  const value = request.params[name] ?? '';
  return typeof value === 'string' ? value : value.join('/');
}
