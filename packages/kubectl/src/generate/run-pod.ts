import { isDNS1123Label, isEnvVarName } from '@podling/shared/names';
import { CommandError } from '../errors.ts';
import type { ManifestObject } from '../resource/manifest.ts';

export interface RunPodOptions {
  image?: string;
  imagePullPolicy?: string;
  env?: string[];
  port?: string;
  labels?: string;
  annotations?: string[];
  restart: string;
  command?: boolean;
  stdin?: boolean;
  leaveStdinOpen?: boolean;
  tty?: boolean;
  privileged?: boolean;
}

/** The pod of `kubectl run`: one container, of the pod's name. Upstream twin: the generator run-pod/v1. */
export function runPod(name: string, args: readonly string[], options: RunPodOptions): ManifestObject {
  const { annotations = [], restart } = options;
  const notes = Object.fromEntries(annotations.map((text) => pair(text, 'annotations')));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: labelsOf(name, options), ...(annotations.length === 0 ? {} : { annotations: notes }) },
    spec: { containers: [containerOf(name, args, options)], dnsPolicy: 'ClusterFirst', restartPolicy: restart === '' ? 'Always' : restart },
    status: {},
  };
}

/** What selects the pod. */
function labelsOf(name: string, { labels = '' }: Pick<RunPodOptions, 'labels'>): Record<string, string> {
  if (labels === '') return { run: name };
  return Object.fromEntries(labels.split(',').map((text) => {
    const [key = '', value, ...more] = text.split('=');
    if (value === undefined || more.length > 0 || key === '') throw new CommandError(`unexpected label spec: ${text}`);
    return [key, value];
  }));
}

function containerOf(name: string, args: readonly string[], options: RunPodOptions): object {
  const { image = '', imagePullPolicy = '', env = [], port = '', command = false, stdin = false, leaveStdinOpen = false, tty = false, privileged = false } = options;
  return {
    name,
    image,
    ...(args.length === 0 ? {} : { [command ? 'command' : 'args']: args }),
    ...(env.length === 0 ? {} : { env: env.map(variable) }),
    ...(imagePullPolicy === '' ? {} : { imagePullPolicy }),
    ...(port === '' ? {} : { ports: [{ containerPort: portOf(port) }] }),
    resources: {},
    ...(stdin ? { stdin } : {}),
    ...(stdin && !leaveStdinOpen ? { stdinOnce: true } : {}),
    ...(tty ? { tty } : {}),
    ...(privileged ? { securityContext: { privileged } } : {}),
  };
}

function variable(text: string): { name: string; value: string } {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0));
  if (name === '' || isEnvVarName(name).length > 0) throw new CommandError(`invalid env: ${text}`);
  return { name, value: text.slice(at + 1) };
}

function pair(text: string, flag: string): [string, string] {
  const [key = '', ...value] = text.split('=');
  if (key === '' || value.length === 0) throw new CommandError(`invalid ${flag} format: ${text}`);
  return [key, value.join('=')];
}

export function portOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new CommandError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

/** The service of `--expose`. */
export function runService(name: string, options: RunPodOptions): ManifestObject {
  const problems = isDNS1123Label(name);
  if (problems.length > 0) throw new CommandError(problems.join(','));
  const { labels = '' } = options;
  const port = portOf(options.port ?? '');
  const selected = labelsOf(name, options);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, ...(labels === '' ? {} : { labels: selected }) },
    spec: { ports: [{ port, protocol: 'TCP', targetPort: port }], selector: selected },
    status: { loadBalancer: {} },
  };
}
