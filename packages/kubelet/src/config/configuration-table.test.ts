import { asSchema, defaultKubeletConfiguration, KubeletConfigurationSchema, type SchemaNode } from '@podling/shared/scheme';
import { describe, expect, it } from 'vitest';
import { actedOn } from './acted-on.ts';
import { actsOn } from './configuration-file.ts';

/** Where this kubelet's default is another than Kubernetes', because its place on the node is another. */
const ownDefaults: Readonly<Record<string, string>> = { podLogsDir: 'ROOT/logs', cgroupRoot: '/podling/NODE', clusterDomain: 'cluster.local' };

const notes: Readonly<Record<string, string>> = {
  'authentication.anonymous.enabled': 'true is refused',
  'containerRuntimeEndpoint': 'a CRI runtime; naming one puts it in the place of the native runtime ([runtimes.md](runtimes.md))',
  'imageServiceEndpoint': "the runtime's, unless it is named",
  'healthzPort': 'without `--config`: 0, none',
  'runOnce': 'true is refused',
  'staticPodURL': 'refused',
  'syncFrequency': 'how often the runtime is looked through when it has told of nothing; a minute at most',
  'cgroupDriver': 'systemd is refused',
  'cgroupRoot': 'Kubernetes: /',
  'cpuManagerPolicyOptions': '`full-pcpus-only` and `strict-cpu-reservation`; others are refused',
  'memoryManagerPolicy': 'Static is refused',
  'qosReserved': 'refused: its feature gate is off',
  'singleProcessOOMKill': 'on cgroup v1 false is refused',
  'topologyManagerPolicy': 'others than none are refused',
  'podLogsDir': 'Kubernetes: /var/log/pods',
  'clusterDomain': 'Kubernetes: none',
};

interface Field {
  path: string;
  type: string;
  standard: string;
}

const at = (value: unknown, key: string): unknown => (value as Record<string, unknown> | undefined)?.[key];

function typeOf(schema: SchemaNode): string {
  if (schema['x-podling-duration']) return 'duration';
  if (schema['x-kubernetes-int-or-string']) return 'duration or nanoseconds';
  if (schema.enum) return schema.enum.map((member) => `\`${member}\``).join(', ');
  if (schema.items) return schema.items.properties ? `list of {${Object.keys(schema.items.properties).join(', ')}}` : `list of ${typeOf(schema.items)}`;
  return schema.additionalProperties ? `map of ${typeOf(schema.additionalProperties)}` : schema.type ?? 'any';
}

function fieldsOf(schema: SchemaNode, standard: unknown, path: string): Field[] {
  if (!schema.properties) return [{ path, type: typeOf(schema), standard: ownDefaults[path] ?? (standard === undefined ? '' : typeof standard === 'string' ? standard : JSON.stringify(standard)) }];
  return Object.entries(schema.properties).flatMap(([key, property]) => fieldsOf(property, at(standard, key), path === '' ? key : `${path}.${key}`));
}

const fields = fieldsOf(asSchema(KubeletConfigurationSchema), defaultKubeletConfiguration({}), '').filter(({ path }) => !['apiVersion', 'kind'].includes(path))
  .sort((a, b) => (a.path < b.path ? -1 : 1));

const row = ({ path, type, standard }: Field): string => `| \`${path}\` | ${type} | ${standard === '' ? '' : `\`${standard}\``} | ${notes[path] ?? ''} |`;

const table = (list: readonly Field[]): string => ['| field | type | default | |', '|---|---|---|---|', ...list.map(row)].join('\n');

const document = `# KubeletConfiguration

\`kubelet --config FILE\` reads a KubeletConfiguration of \`kubelet.config.k8s.io/v1beta1\` as in Kubernetes 1.36, in YAML or JSON, at most 128 KiB:

\`\`\`yaml
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
staticPodPath: /etc/kubernetes/manifests
maxPods: 50
shutdownGracePeriod: 30s
shutdownGracePeriodCriticalPods: 10s
\`\`\`

A flag that is given wins over the file. Durations are written as \`10s\`, \`1m30s\`, \`500ms\`; \`0s\` stands for the default. An unknown field, a field that comes twice, a value of the wrong type, and a value that is not valid keep the kubelet from starting. The message names the path: of the first value of a wrong type, as in Kubernetes; else of all fields that are unknown or come twice; else of all values that are not valid. A field that is accepted and not acted on is named in a warning in the log, once each, when the kubelet starts. \`/configz\` shows the configuration in force.

A test writes this page from the schema (\`packages/kubelet/src/config/configuration-table.test.ts\`).

## Acted on

${table(fields.filter(({ path }) => actsOn(path)))}

## Accepted with a warning

${table(fields.filter(({ path }) => !actsOn(path)))}

## Static pods

Each file in \`staticPodPath\` (or the one file that it is) holds one pod, in YAML up to 128 KiB or JSON up to 10 MiB. The folder is watched, and looked through every \`fileCheckFrequency\`. Names that begin with a dot are passed over. A pod's name gets \`-NODENAME\` behind it; its UID is a hash of what the file says, so an edited file is another pod: it starts when nothing is left of the first. The pod has the defaults of a pod that is created at the apiserver and is checked in the same way. It may not name a service account, secrets, config maps or other objects, and it tolerates every \`NoExecute\` taint.

A file that cannot be used is passed over and hurts no other: the log says so, and an Event \`FailedValidation\` of the Node. While a file that was good is broken, the pod that it asked for last goes on. Of two files with one pod name the first in alphabetical order counts. Links are followed to plain files only.

The apiserver shows each static pod as a mirror pod with the annotation \`kubernetes.io/config.mirror\`, owned by the Node. It carries the pod's status; its logs are the pod's. Deleting it deletes nothing else: it is made again. It goes when the file has gone and the pod has ended. Static pods run without an apiserver.

## When the machine goes down

With \`shutdownGracePeriod\` (and \`shutdownGracePeriodCriticalPods\`, the part of it that is kept for critical pods), or \`shutdownGracePeriodByPodPriority\`, the kubelet ends pods before the machine goes down: the node is \`NotReady\` (\`node is shutting down\`), new pods are refused with \`NodeShutdown\`, and the pods end group by group from the lowest priority to the highest, each within the shorter of its own grace period and its group's, as \`Failed\` with the reason \`Terminated\`.

- On a machine with systemd the kubelet takes a delay lock from logind (\`systemd-inhibit --mode=delay\`) and listens for \`PrepareForShutdown\` (\`busctl monitor\`). logind waits no longer than its own \`InhibitDelayMaxSec\`, 5 s unless \`logind.conf\` says otherwise: set it to at least the whole period.
- Anywhere else, send the kubelet \`SIGPWR\` and wait for its line \`all pods have ended or had their time\`, or until no container runs: \`kill -PWR $(pidof …)\`.

\`SIGTERM\` ends the kubelet alone; containers go on.
`;

describe('docs/kubelet-configuration.md', () => {
  it('says of every field what this kubelet does with it: run this test with --update', async () => {
    await expect(document).toMatchFileSnapshot('../../../../docs/kubelet-configuration.md');
  });

  it('names no field that there is not', () => {
    const known = (path: string): boolean => ['apiVersion', 'kind'].includes(path) || fields.some((field) => field.path === path || field.path.startsWith(`${path}.`));
    expect([...actedOn, ...Object.keys(notes), ...Object.keys(ownDefaults)].filter((path) => !known(path))).toEqual([]);
  });
});
