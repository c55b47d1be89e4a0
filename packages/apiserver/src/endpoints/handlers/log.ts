import { newBadRequest, newInvalid } from '@podling/shared/api';
import type { ContainerStatus, Node, Pod } from '@podling/shared/api';
import type { RegistryStore } from '../../registry/generic/registry-store.ts';
import type { Handler } from '../endpoint.ts';
import { integerParameter } from '../options.ts';
import { abandonedBy, relay } from '../relay.ts';
import { contextOf } from '../request-context.ts';
import type { RequestContext } from '../request-context.ts';
import { isTrue } from '../request-info.ts';
import { writeText } from '../write-response.ts';

const flags = ['follow', 'previous', 'timestamps'] as const;
const numbers = ['tailLines', 'limitBytes', 'sinceSeconds'] as const;

function invalidOption(field: string, value: unknown, why: string): Error {
  return newInvalid({ group: '', kind: 'PodLogOptions' }, '', [{ field, reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${why}` }]);
}

/** The query for the kubelet: only what PodLogOptions has, checked. */
function kubeletQuery(query: URLSearchParams): URLSearchParams {
  const result = new URLSearchParams();
  for (const name of flags) if (query.has(name) && isTrue(query.get(name))) result.set(name, 'true');
  for (const name of numbers) {
    const value = integerParameter(query, name);
    if (value === undefined) continue;
    if (value === 0 && name !== 'tailLines') throw invalidOption(name, value, 'must be greater than 0');
    result.set(name, String(value));
  }
  const sinceTime = query.get('sinceTime');
  if (sinceTime && query.get('sinceSeconds')) throw invalidOption('sinceSeconds', query.get('sinceSeconds'), 'at most one of `sinceTime` or `sinceSeconds` may be specified');
  if (sinceTime && Number.isNaN(Date.parse(sinceTime))) throw newBadRequest(`sinceTime: ${JSON.stringify(sinceTime)} is not an RFC 3339 time`);
  if (sinceTime) result.set('sinceTime', sinceTime);
  return result;
}

/** The container whose log is meant. Throws 400, in Kubernetes' words, when that is not clear. */
function logContainerOf({ metadata, spec }: Pod, wanted: string | null): string {
  const init = (spec.initContainers ?? []).map(({ name }) => name);
  const names = spec.containers.map(({ name }) => name);
  const ephemeral = (spec.ephemeralContainers ?? []).map(({ name }) => name);
  if (wanted) {
    if ([...names, ...init, ...ephemeral].includes(wanted)) return wanted;
    throw newBadRequest(`container ${wanted} is not valid for pod ${metadata.name}`);
  }
  const [only] = names;
  if (names.length === 1 && only !== undefined && init.length === 0 && ephemeral.length === 0) return only;
  const initText = init.length === 0 ? '' : ` or one of the init containers: [${init.join(' ')}]`;
  throw newBadRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]${initText}`);
}

function statusOf({ status }: Pod, container: string): ContainerStatus | undefined {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? []), ...(status?.ephemeralContainerStatuses ?? [])];
  return all.find(({ name }) => name === container);
}

/**
 * Why a container has no log, as far as its status tells: 400, in Kubernetes' words. The status lags behind the kubelet,
 * so this only explains a refusal of the kubelet, it never makes one.
 */
function explainNoLog(pod: Pod, container: string, previous: boolean): void {
  const status = statusOf(pod, container);
  const { name } = pod.metadata;
  if (previous && status && !status.lastState?.terminated) {
    throw newBadRequest(`previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} not found`);
  }
  const waiting = status?.state?.waiting;
  if (previous || !waiting || status?.lastState?.terminated) return;
  const why = waiting.reason === 'ErrImagePull' || waiting.reason === 'ImagePullBackOff'
    ? `trying and failing to pull image` : `waiting to start: ${waiting.reason || 'ContainerCreating'}`;
  throw newBadRequest(`container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} is ${why}`);
}

function logPath(pod: Pod, container: string, { info }: RequestContext): string {
  const { name, namespace = '' } = pod.metadata;
  const query = kubeletQuery(info.query).toString();
  const path = `/containerLogs/${[namespace, name, container].map(encodeURIComponent).join('/')}`;
  return query === '' ? path : `${path}?${query}`;
}

/** GET pods/NAME/log: finds the node and lets its kubelet speak. A pod without a node has an empty log, as in Kubernetes. */
export function logHandler(nodes: RegistryStore<Node>): Handler {
  return async (endpoint, request, response) => {
    const context = contextOf(request);
    const { namespace, name, query } = context.info;
    const pod = (await endpoint.store.get(namespace, name)) as Pod;
    const container = logContainerOf(pod, query.get('container'));
    const path = logPath(pod, container, context);
    const { nodeName } = pod.spec;
    if (!nodeName) return writeText(response, 200, '');
    const node = await nodes.get('', nodeName);
    const answer = await endpoint.services.nodeProxy.get(node, path, abandonedBy(response, endpoint.services));
    if (answer.code >= 400) explainNoLog(pod, container, query.has('previous') && isTrue(query.get('previous')));
    const done = endpoint.services.metrics.countLongRunning(context.info);
    await relay(answer, response).finally(done);
  };
}
