import { newBadRequest, newInvalid, timeOf } from '@podling/shared/api';
import type { FieldError, Node, Pod } from '@podling/shared/api';
import type { RegistryStore } from '../../registry/generic/registry-store.ts';
import type { Handler } from '../endpoint.ts';
import { signedParameter } from '../options.ts';
import { abandonedBy, relay } from '../relay.ts';
import { contextOf } from '../request-context.ts';
import { isTrue } from '../request-info.ts';
import { writeText } from '../write-response.ts';
import { containerOf } from './pod-container.ts';

const flags = ['follow', 'previous', 'timestamps'] as const;
const least = { tailLines: 0, limitBytes: 1, sinceSeconds: 1 } as const;

/** The query for the kubelet: only what PodLogOptions has. Throws 400 for what cannot be read, 422 for what may not be. */
function kubeletQuery(query: URLSearchParams, pod: string): URLSearchParams {
  const result = new URLSearchParams();
  const errors: FieldError[] = [];
  for (const name of flags) if (isTrue(query.get(name))) result.set(name, 'true');
  for (const [name, lowest] of Object.entries(least)) {
    const value = signedParameter(query, name);
    if (value === undefined) continue;
    if (value < lowest) errors.push({ field: name, reason: 'FieldValueInvalid', message: `Invalid value: ${value}: must be greater than ${lowest === 0 ? 'or equal to 0' : '0'}` });
    result.set(name, String(value));
  }
  const sinceTime = query.get('sinceTime');
  if (sinceTime && timeOf(sinceTime) === undefined) throw newBadRequest(`parsing time ${JSON.stringify(sinceTime)}: not an RFC 3339 time`);
  if (sinceTime) result.set('sinceTime', sinceTime);
  if (sinceTime && result.has('sinceSeconds')) errors.push({ field: '', reason: 'FieldValueForbidden', message: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified' });
  if (query.get('stream')) errors.push({ field: 'stream', reason: 'FieldValueForbidden', message: 'Forbidden: may not be specified' });
  if (errors.length > 0) throw newInvalid({ group: '', kind: 'PodLogOptions' }, pod, errors);
  return result;
}

function logPath({ metadata }: Pod, container: string, query: URLSearchParams): string {
  const { name, namespace = '' } = metadata;
  const path = `/containerLogs/${[namespace, name, container].map(encodeURIComponent).join('/')}`;
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

/**
 * GET pods/NAME/log: finds the node and lets its kubelet speak, also of why there is no log. A pod without a node has an
 * empty one, as in Kubernetes. Upstream twin: `LogLocation`.
 */
export function logHandler(nodes: RegistryStore<Node>): Handler {
  return async (endpoint, request, response) => {
    const { info } = contextOf(request);
    const { services, store } = endpoint;
    const query = kubeletQuery(info.query, info.name);
    const pod = (await store.get(info.namespace, info.name)) as Pod;
    const path = logPath(pod, containerOf(pod, info.query.get('container')), query);
    const { nodeName } = pod.spec;
    if (!nodeName) return writeText(response, 200, '');
    const node = await nodes.get('', nodeName);
    const anyCertificate = isTrue(info.query.get('insecureSkipTLSVerifyBackend'));
    const answer = await services.nodeProxy.get(node, path, abandonedBy(response, services), { anyCertificate });
    const done = services.metrics.countLongRunning(info);
    await relay(answer, response).finally(done);
  };
}
