import type { ContainerStatus, Node, Pod } from '@podling/shared/api';
import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { Failures } from '../failures.ts';
import { fileFlags, listOption } from '../flags.ts';
import { copiedPod, ephemeralContainer, freeContainerName, nodePod } from '../generate/debug-pods.ts';
import type { CopySpec, DebugSpec } from '../generate/debug-pods.ts';
import { debugProfile } from '../generate/debug-profiles.ts';
import { podPath } from '../resource/attachable-pod.ts';
import { targetsFromArgs } from '../resource/builder.ts';
import type { Target } from '../resource/builder.ts';
import type { FileOptions } from '../resource/manifest-files.ts';
import { apiVersionOf, resourcePath } from '../resource/rest-mapping.ts';
import { selectObjects } from '../resource/selection.ts';
import { waitForPod } from '../resource/wait-for-pod.ts';
import { printLogSoFar } from '../session/attached-pod.ts';
import { DEFAULT_DETACH_KEYS } from '@podling/shared/terminal';
import type { Verb } from '../verb.ts';
import { attachTo } from './attach.ts';
import { checkImage, isPullPolicy } from './run.ts';

export interface DebugOptions extends FileOptions {
  image?: string;
  imagePullPolicy?: string;
  container?: string;
  target?: string;
  copyTo?: string;
  replace?: boolean;
  sameNode?: boolean;
  setImage?: string[];
  shareProcesses: boolean;
  env?: string[];
  argumentsOnly?: boolean;
  stdin?: boolean;
  tty?: boolean;
  attach?: boolean;
  quiet?: boolean;
  profile: string;
  keepLabels?: boolean;
  keepAnnotations?: boolean;
  keepLiveness?: boolean;
  keepReadiness?: boolean;
  keepStartup?: boolean;
  keepInitContainers: boolean;
}

const LEGACY = 'legacy';
const LEGACY_NOTE = '--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify other profile, for example "--profile=general".\n';
/** Whatever the flags say. */
const KEPT_BY_LEGACY: CopySpec['keep'] = { labels: false, annotations: true, liveness: true, readiness: true, startup: true, initContainers: true };

/** What is there to attach to. */
interface Debugged {
  pod: Pod;
  container: string | undefined;
}

type Check = [isWrong: boolean, message: string];

function checksFor(args: readonly string[], options: DebugOptions): Check[] {
  const { image = '', container = '', copyTo = '', setImage = [], replace = false, sameNode = false } = options;
  if (copyTo !== '') {
    return [
      [image === '' && setImage.length === 0 && args.length === 0, 'you must specify --image, --set-image or command arguments.'],
      [args.length > 0 && container === '' && image === '', 'you must specify an existing container or a new image when specifying args.'],
      [(options.target ?? '') !== '', '--target is incompatible with --copy-to. Use --share-processes instead.'],
    ];
  }
  return [
    [replace, '--replace may only be used with --copy-to.'],
    [sameNode, '--same-node may only be used with --copy-to.'],
    [setImage.length > 0, '--set-image may only be used with --copy-to.'],
    [image === '', 'you must specify --image when not using --copy-to.'],
  ];
}

function check(words: readonly string[], args: readonly string[], options: DebugOptions): void {
  const wrong = checksFor(args, options).find(([isWrong]) => isWrong);
  if (wrong !== undefined) throw new CommandError(wrong[1]);
  if (options.image !== undefined) checkImage(options.image, 'invalid image name');
  if (words.length === 0 && options.filename === undefined) throw new CommandError('NAME or filename is required for debug');
  if (!isPullPolicy(options.imagePullPolicy)) throw new CommandError(`invalid image pull policy: ${options.imagePullPolicy}`);
  if (options.tty === true && options.stdin !== true) throw new CommandError('-i/--stdin is required for containers with -t/--tty=true');
}

function pairs(texts: readonly string[] = []): [string, string][] {
  return texts.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new CommandError(`${text} must be formatted as key=value`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
}

function specOf(name: string, args: readonly string[], options: DebugOptions): DebugSpec {
  const { image, imagePullPolicy, argumentsOnly = false, stdin = false, tty = false, profile } = options;
  return {
    name, args, argumentsOnly, stdin, tty,
    apply: debugProfile(profile),
    env: pairs(options.env).map(([key, value]) => ({ name: key, value })),
    ...(image === undefined ? {} : { image }),
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
  };
}

function nameFor({ io }: Factory, pod: Pod, { container, quiet = false }: DebugOptions): string {
  if (container !== undefined) return container;
  const name = freeContainerName(pod);
  if (!quiet) io.out(`Defaulting debug container name to ${name}.\n`);
  return name;
}

/** Puts a container to look around with beside those of a pod, into a copy of it, or onto a node, and attaches. */
export async function debug(factory: Factory, words: string[], options: DebugOptions, atDash: number | undefined): Promise<number> {
  const [names, args] = [words.slice(0, atDash ?? words.length), words.slice(atDash ?? words.length)];
  check(names, args, options);
  debugProfile(options.profile);
  const { target, quiet = false } = options;
  if (options.profile === LEGACY) factory.io.err(LEGACY_NOTE);
  if (target !== undefined && !quiet) {
    factory.io.out(`Targeting container ${JSON.stringify(target)}. If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`);
  }
  const failures = new Failures(factory);
  for (const named of await targetsOf(factory, names, options, failures)) {
    const debugged = await debugOne(factory, named, args, options);
    if (options.attach ?? options.stdin === true) await attachWhenRunning(factory, debugged, options);
  }
  return failures.exitCode;
}

/** A word without a type is a pod's name. */
async function targetsOf(factory: Factory, words: readonly string[], options: DebugOptions, failures: Failures): Promise<Target[]> {
  if (options.filename !== undefined) return selectObjects(factory, words, options, failures);
  const named = words.map((word) => (word.includes('/') ? word : `pods/${word}`));
  return targetsFromArgs(await factory.mapper(), named, { namespace: await factory.namespace(), selects: false });
}

async function debugOne(factory: Factory, target: Target, args: readonly string[], options: DebugOptions): Promise<Debugged> {
  const rest = await factory.client();
  const namespace = await factory.namespace();
  const { kind } = target.mapping;
  const object = await rest.request<Pod | Node>({ path: resourcePath(target.mapping, target) });
  if (kind === 'Pod') return debugPod(factory, object as Pod, args, options);
  if (kind !== 'Node') throw new CommandError(`"${apiVersionOf(target.mapping)}, Kind=${kind}" not supported by debug`);
  const container = options.container ?? 'debugger';
  const made = nodePod(object.metadata.name, specOf(container, args, options));
  if (options.quiet !== true) factory.io.out(`Creating debugging pod ${String(made.metadata['name'])} with container ${container} on node ${object.metadata.name}.\n`);
  const pod = await rest.request<Pod>({ method: 'POST', path: podsPath(namespace), body: made });
  return { pod, container };
}

const podsPath = (namespace: string): string => `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;

async function debugPod(factory: Factory, pod: Pod, args: readonly string[], options: DebugOptions): Promise<Debugged> {
  if (options.copyTo !== undefined) return debugCopy(factory, pod, args, { ...options, copyTo: options.copyTo });
  const { namespace = '', name: podName } = pod.metadata;
  const name = nameFor(factory, pod, options);
  const container = ephemeralContainer(specOf(name, args, options), options.target);
  const patched = await (await factory.client()).request<Pod>({
    method: 'PATCH',
    path: podPath(namespace, podName, 'ephemeralcontainers'),
    contentType: 'application/strategic-merge-patch+json',
    body: { spec: { ephemeralContainers: [container] } },
  });
  return { pod: patched, container: name };
}

async function debugCopy(factory: Factory, pod: Pod, args: readonly string[], options: DebugOptions & { copyTo: string }): Promise<Debugged> {
  const { container = '', image } = options;
  const name = container === '' && image !== undefined ? nameFor(factory, pod, options) : container;
  const spec: CopySpec = {
    ...specOf(name, args, options),
    copyTo: options.copyTo,
    setImage: new Map(pairs(options.setImage)),
    sameNode: options.sameNode === true,
    shareProcesses: options.shareProcesses,
    keep: options.profile === LEGACY ? KEPT_BY_LEGACY : {
      labels: options.keepLabels === true,
      annotations: options.keepAnnotations === true,
      liveness: options.keepLiveness === true,
      readiness: options.keepReadiness === true,
      startup: options.keepStartup === true,
      initContainers: options.keepInitContainers,
    },
  };
  for (const [where, one] of spec.setImage) checkImage(one, `invalid image name for container ${JSON.stringify(where)}`);
  const made = copiedPod(pod, spec);
  const rest = await factory.client();
  const { namespace = '', name: podName } = pod.metadata;
  const copy = await rest.request<Pod>({ method: 'POST', path: podsPath(namespace), body: made.pod });
  if (options.replace === true) {
    await rest.request({ method: 'DELETE', path: podPath(namespace, podName), body: { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 } });
  }
  return { pod: copy, container: made.container };
}

function statusOf({ status }: Pod, name: string): ContainerStatus | undefined {
  const all = [status?.initContainerStatuses, status?.containerStatuses, status?.ephemeralContainerStatuses];
  return all.flatMap((statuses) => statuses ?? []).find((one) => one.name === name);
}

async function attachWhenRunning(factory: Factory, { pod: { metadata }, container }: Debugged, options: DebugOptions): Promise<void> {
  if (container === undefined) return;
  const told = new Set<string>();
  const until = (one: Pod): boolean => {
    const { running, terminated, waiting } = statusOf(one, container)?.state ?? {};
    const message = waiting?.message ?? '';
    if (message !== '' && options.quiet !== true && !told.has(message)) factory.warn(`container ${container}: ${message}`);
    told.add(message);
    return running !== undefined || terminated !== undefined;
  };
  const signal = factory.io.takeInterrupts();
  const pod = await waitForPod(await factory.client(), { namespace: metadata.namespace ?? '', name: metadata.name, until, signal });
  if (statusOf(pod, container)?.state?.terminated !== undefined) return printLogSoFar(factory, pod, container);
  try {
    await attachTo(factory, pod, { ...options, container, detachKeys: DEFAULT_DETACH_KEYS, signal });
  } catch (error) {
    factory.io.err(`warning: couldn't attach to pod/${metadata.name}, falling back to streaming logs: ${(error as Error).message}\n`);
    await printLogSoFar(factory, pod, container);
  }
}

export const verb: Verb<DebugOptions> = {
  usage: '(POD | TYPE[[.VERSION].GROUP]/NAME | -f FILE) [ -- COMMAND [args...] ]',
  flags: (command) => {
    fileFlags(command);
    command
      .option('--image <image>', 'the image of the debugging container')
      .option('--image-pull-policy <policy>', 'Always, IfNotPresent or Never; if left out, the server decides')
      .option('-c, --container <name>', 'the name of the debugging container')
      .option('--target <container>', 'see the processes of this container')
      .option('--copy-to <name>', 'debug a copy of the pod, of this name')
      .option('--replace', 'with --copy-to: delete the original')
      .option('--same-node', 'with --copy-to: on the node of the original')
      .addOption(listOption('--set-image <name=image>', 'with --copy-to: other images, * for all'))
      .option('--no-share-processes', 'with --copy-to: containers do not see each other\'s processes')
      .addOption(listOption('--env <name=value>', 'variables of the container'))
      .option('--arguments-only', 'the words behind -- are the arguments, not the command')
      .option('-i, --stdin', 'keep standard input open, and attach')
      .option('-t, --tty', 'a terminal for the container')
      .option('--attach', 'attach when it runs; the default with -i')
      .option('-q, --quiet', 'no messages')
      .option('--profile <name>', 'general, baseline, restricted, netadmin, sysadmin or legacy', 'general')
      .option('--keep-labels', 'with --copy-to: the labels too')
      .option('--keep-annotations', 'with --copy-to: the annotations too')
      .option('--keep-liveness', 'with --copy-to: liveness probes too')
      .option('--keep-readiness', 'with --copy-to: readiness probes too')
      .option('--keep-startup', 'with --copy-to: startup probes too')
      .option('--no-keep-init-containers', 'with --copy-to: without init containers');
  },
  run: debug,
};
