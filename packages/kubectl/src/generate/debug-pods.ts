import { randomInt } from 'node:crypto';
import type { Pod } from '@podling/shared/api';
import { CommandError } from '../errors.ts';
import { findContainer } from '../resource/pod-container.ts';
import type { ApplyProfile, DebugContainer, DebugPod } from './debug-profiles.ts';

export interface DebugSpec {
  name: string;
  image?: string;
  imagePullPolicy?: string;
  args: readonly string[];
  argumentsOnly: boolean;
  env: readonly { name: string; value: string }[];
  stdin: boolean;
  tty: boolean;
  apply: ApplyProfile;
}

export interface CopySpec extends DebugSpec {
  copyTo: string;
  setImage: ReadonlyMap<string, string>;
  sameNode: boolean;
  /** False: not whatever the original says. */
  shareProcesses: boolean;
  keep: { labels: boolean; annotations: boolean; liveness: boolean; readiness: boolean; startup: boolean; initContainers: boolean };
}

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** As the API server makes them for `generateName`. */
const randomSuffix = (): string => Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join('');

/** One that no container of the pod has. */
export function freeContainerName(pod: Pod): string {
  for (;;) {
    const name = `debugger-${randomSuffix()}`;
    if (findContainer(pod, name) === undefined) return name;
  }
}

function newContainer({ name, image, imagePullPolicy = '', args, argumentsOnly, env, stdin, tty }: DebugSpec): DebugContainer {
  return {
    name,
    ...(image === undefined ? {} : { image }),
    ...(args.length === 0 ? {} : { [argumentsOnly ? 'args' : 'command']: args }),
    ...(env.length === 0 ? {} : { env }),
    ...(imagePullPolicy === '' ? {} : { imagePullPolicy }),
    ...(stdin ? { stdin } : {}),
    ...(tty ? { tty } : {}),
    terminationMessagePolicy: 'File',
  };
}

/** What is sent to a pod's `ephemeralcontainers`. */
export function ephemeralContainer(spec: DebugSpec, target: string | undefined): DebugContainer {
  const container: DebugContainer = { ...newContainer(spec), ...(target === undefined ? {} : { targetContainerName: target }) };
  spec.apply(container, 'ephemeral');
  return container;
}

/** A pod in the host's namespaces of a node, with its files under /host, as the profile has it. */
export function nodePod(node: string, spec: DebugSpec): DebugPod & { kind: string; apiVersion: string } {
  const container = newContainer(spec);
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `node-debugger-${node}-${randomSuffix()}`, labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' } },
    spec: { containers: [container], nodeName: node, restartPolicy: 'Never', tolerations: [{ operator: 'Exists' }] },
  };
  spec.apply(container, 'node', pod);
  return pod;
}

/** A copy of a pod with one container more, or one changed. `container` is undefined when only images were set. */
export function copiedPod(original: Pod, spec: CopySpec): { pod: DebugPod; container: string | undefined } {
  const { name, image, copyTo, setImage, sameNode, shareProcesses, keep } = spec;
  const { labels, annotations, namespace } = original.metadata;
  const { ephemeralContainers: _, nodeName, initContainers, ...rest } = structuredClone(original.spec);
  const podSpec: DebugPod['spec'] = {
    ...rest,
    containers: rest.containers as unknown as DebugContainer[],
    ...(sameNode && nodeName !== undefined ? { nodeName } : {}),
    ...(keep.initContainers && initContainers !== undefined ? { initContainers } : {}),
    shareProcessNamespace: shareProcesses && (rest.shareProcessNamespace ?? true),
  };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: copyTo, namespace, ...(keep.labels ? { labels } : {}), ...(keep.annotations ? { annotations } : {}) },
    spec: podSpec,
  };
  for (const container of podSpec.containers) {
    container['image'] = setImage.get(container.name) ?? setImage.get('*') ?? container['image'];
    if (!keep.liveness) delete container['livenessProbe'];
    if (!keep.readiness) delete container['readinessProbe'];
    if (!keep.startup) delete container['startupProbe'];
  }
  const existing = podSpec.containers.find((container) => container.name === name);
  if (existing === undefined && image === undefined) {
    if (setImage.size > 0) return { pod, container: undefined };
    throw new CommandError('you must specify image when creating new container');
  }
  const container = existing ?? newContainer(spec);
  if (existing === undefined) podSpec.containers.push(container);
  else change(existing, spec);
  spec.apply(container, 'copy');
  return { pod, container: name };
}

function change(container: DebugContainer, { image, imagePullPolicy = '', args, argumentsOnly, env, stdin, tty }: DebugSpec): void {
  if (args.length > 0) {
    if (!argumentsOnly) delete container['args'];
    container[argumentsOnly ? 'args' : 'command'] = args;
  }
  if (env.length > 0) container['env'] = env;
  if (image !== undefined) container['image'] = image;
  if (imagePullPolicy !== '') container['imagePullPolicy'] = imagePullPolicy;
  Object.assign(container, { stdin, tty });
}
