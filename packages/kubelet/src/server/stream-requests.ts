import type { AttachRequest, Container, CriRuntime } from '@podling/cri';
import type { StreamRequest } from '@podling/cri/streaming';
import { uidOf, type Pod } from '@podling/shared/api';
import type { PodManager } from '../pod/pod-manager.ts';
import { podUidSelector } from '../runtime/labels.ts';
import { specOfContainer } from '../runtime/pod-containers.ts';
import { RequestError } from './request-error.ts';

/** What the path of a request for a stream names. */
export interface StreamTarget {
  namespace: string;
  pod: string;
  /** Undefined: whichever pod has the name. */
  uid?: string | undefined;
  container: string;
}

export interface StreamSources {
  pods: Pick<PodManager, 'getByName' | 'mirrorByKey'>;
  runtime: CriRuntime;
}

/** A command in a container that runs. Fails with `RequestError`, in Kubernetes' words. Upstream twin: kubelet `GetExec`. */
export async function execRequest(sources: StreamSources, target: StreamTarget, query: URLSearchParams): Promise<StreamRequest> {
  const streams = streamsOf(query);
  const command = query.getAll('command');
  const container = await runningContainer(sources, podOf(sources, target), target.container);
  if (container === undefined) throw new RequestError(500, `container not found (${JSON.stringify(target.container)})`);
  return { kind: 'exec', streams, open: () => sources.runtime.exec(container.id, { ...streams, command }) };
}

/** The streams of a container's own process, which has a terminal or not whatever the client says. Upstream twin: kubelet `GetAttach`. */
export async function attachRequest(sources: StreamSources, target: StreamTarget, query: URLSearchParams): Promise<StreamRequest> {
  const streams = streamsOf(query);
  const pod = podOf(sources, target);
  const spec = specOfContainer(pod, target.container);
  const container = await runningContainer(sources, pod, target.container);
  if (container === undefined || spec === undefined) throw new RequestError(500, `container ${target.container} not found in pod ${target.pod}_${target.namespace}`);
  const { tty = false } = spec;
  return { kind: 'attach', streams, open: () => sources.runtime.attach(container.id, { ...streams, tty, stderr: streams.stderr && !tty }) };
}

/** Ports of a pod that runs. Upstream twin: kubelet `GetPortForward`. */
export async function portForwardRequest(sources: StreamSources, target: Omit<StreamTarget, 'container'>, ports: readonly number[]): Promise<StreamRequest> {
  const pod = podOf(sources, target);
  const [sandbox] = await sources.runtime.listPodSandboxes({ ...podUidSelector(uidOf(pod)), state: 'SANDBOX_READY' });
  if (sandbox === undefined) throw new RequestError(500, `pod not found (${JSON.stringify(`${target.pod}_${target.namespace}`)})`);
  return { kind: 'portforward', ports, dial: (port) => sources.runtime.portForward(sandbox.id, port) };
}

/** Those that a client names beforehand: `port=80,443`. Fails with 400 for one that is none. */
export function portsOf(query: URLSearchParams): number[] {
  return query.getAll('port').flatMap((text) => text.split(',')).map((text) => {
    const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (port < 1 || port > 65_535) throw new RequestError(400, `unable to parse ${JSON.stringify(text)} as a port`);
    return port;
  });
}

/** A terminal has no stderr of its own. */
function streamsOf(query: URLSearchParams): AttachRequest {
  const has = (name: string): boolean => query.get(name) === '1';
  const tty = has('tty');
  const streams = { tty, stdin: has('input'), stdout: has('output'), stderr: has('error') && !tty };
  if (!streams.stdin && !streams.stdout && !streams.stderr) throw new RequestError(400, 'you must specify at least 1 of stdin, stdout, stderr');
  return streams;
}

/** A static pod goes by the UID of its mirror too. */
function podOf({ pods }: StreamSources, { namespace, pod: name, uid }: Omit<StreamTarget, 'container'>): Pod {
  const pod = pods.getByName(namespace, name);
  if (pod === undefined) throw new RequestError(404, 'pod does not exist');
  const mirror = pods.mirrorByKey(`${namespace}/${name}`);
  if (uid !== undefined && uid !== uidOf(pod) && uid !== mirror?.metadata.uid) throw new RequestError(404, 'pod not found');
  return pod;
}

async function runningContainer({ runtime }: StreamSources, pod: Pod, name: string): Promise<Container | undefined> {
  const running = await runtime.listContainers({ ...podUidSelector(uidOf(pod)), state: 'CONTAINER_RUNNING' });
  return running.find(({ metadata }) => metadata.name === name);
}
