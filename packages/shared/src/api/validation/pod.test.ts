import { describe, expect, it } from 'vitest';
import type { Container, Pod, PodSpec, Volume } from '../index.ts';
import { podKind } from '../scheme.ts';

const main: Container = { name: 'c', image: 'web:1' };
const podOf = (spec: Partial<PodSpec>): Pod =>
  podKind.applyDefaults({ metadata: { name: 'web', namespace: 'default' }, spec: { containers: [main], ...spec } });
const errorsOf = (spec: object) => podKind.validateCreate(podOf(spec)).map(({ field, message }) => `${field}: ${message}`);
const withContainer = (given: object) => ({ containers: [{ ...main, ...given }] });
const withVolume = (source: Partial<Volume>) => ({ volumes: [{ name: 'v', ...source }] });

const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SEMANTIC_PORT = 'must be between 1 and 65535, inclusive';
const handler = (rest: object = {}) => ({ exec: { command: ['true'] }, ...rest });

const refused: [what: string, spec: object, errors: string[]][] = [
  ['no containers', { containers: [] }, ['spec.containers: Required value']],
  ['no image', withContainer({ image: '' }), ['spec.containers[0].image: Required value']],
  ['an image with blanks', withContainer({ image: ' web' }), ['spec.containers[0].image: Invalid value: " web": must not have leading or trailing whitespace']],
  ['no name', withContainer({ name: '' }), ['spec.containers[0].name: Required value']],
  ['a bad name', withContainer({ name: 'A' }), [`spec.containers[0].name: Invalid value: "A": ${LABEL_RULE}`]],
  ['one name twice', { containers: [main, main] }, ['spec.containers[1].name: Duplicate value: "c"']],
  ['the name of an init container', { initContainers: [main] }, ['spec.initContainers[0].name: Duplicate value: "c"']],
  ['a negative port', withContainer({ ports: [{ containerPort: -1 }] }), [`spec.containers[0].ports[0].containerPort: Invalid value: -1: ${SEMANTIC_PORT}`]],
  ['a port past the end', withContainer({ ports: [{ containerPort: 65_536 }] }), [`spec.containers[0].ports[0].containerPort: Invalid value: 65536: ${SEMANTIC_PORT}`]],
  ['no port', withContainer({ ports: [{ containerPort: 0 }] }), ['spec.containers[0].ports[0].containerPort: Required value']],
  ['a bad host port', withContainer({ ports: [{ containerPort: 80, hostPort: 70_000 }] }), [`spec.containers[0].ports[0].hostPort: Invalid value: 70000: ${SEMANTIC_PORT}`]],
  ['one port name twice', withContainer({ ports: [{ name: 'a', containerPort: 1 }, { name: 'a', containerPort: 2 }] }), ['spec.containers[0].ports[1].name: Duplicate value: "a"']],
  ['one host port twice', withContainer({ ports: [{ containerPort: 1, hostPort: 8080 }, { containerPort: 2, hostPort: 8080 }] }), ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//8080"']],
  ['an unknown protocol', withContainer({ ports: [{ containerPort: 1, protocol: 'tcp' }] }), ['spec.containers[0].ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"']],
  ['an unknown pull policy', withContainer({ imagePullPolicy: 'Sometimes' }), ['spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"']],
  ['an unknown restart policy', { restartPolicy: 'always' }, ['spec.restartPolicy: Unsupported value: "always": supported values: "Always", "OnFailure", "Never"']],
  ['a grace period past every date', { terminationGracePeriodSeconds: 9e15 }, ['spec.terminationGracePeriodSeconds: Invalid value: 9000000000000000: must be less than or equal to 2147483647']],
  ['an unknown DNS policy', { dnsPolicy: 'x' }, ['spec.dnsPolicy: Unsupported value: "x": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"']],
  ['DNS policy None without servers', { dnsPolicy: 'None' }, ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None']],
  ['a DNS server that is no IP', { dnsConfig: { nameservers: ['dns'] } }, ['spec.dnsConfig.nameservers[0]: Invalid value: "dns": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  ['a volume nobody declared', withContainer({ volumeMounts: [{ name: 'x', mountPath: '/a' }] }), ['spec.containers[0].volumeMounts[0].name: Not found: "x"']],
  ['one mount path twice', { ...withVolume({}), ...withContainer({ volumeMounts: [{ name: 'v', mountPath: '/a' }, { name: 'v', mountPath: '/a' }] }) }, ['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique']],
  ['a mount without a path', { ...withVolume({}), ...withContainer({ volumeMounts: [{ name: 'v', mountPath: '' }] }) }, ['spec.containers[0].volumeMounts[0].mountPath: Required value']],
  ['a subPath that climbs out', { ...withVolume({}), ...withContainer({ volumeMounts: [{ name: 'v', mountPath: '/a', subPath: 'a/../..' }] }) }, ['spec.containers[0].volumeMounts.subPath: Invalid value: "a/../..": must not contain \'..\'']],
  ['Bidirectional mounts for the unprivileged', { ...withVolume({}), ...withContainer({ volumeMounts: [{ name: 'v', mountPath: '/a', mountPropagation: 'Bidirectional' }] }) }, ['spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers']],
  ['one volume name twice', { volumes: [{ name: 'v' }, { name: 'v' }] }, ['spec.volumes[1].name: Duplicate value: "v"']],
  ['a volume of two types', withVolume({ emptyDir: {}, hostPath: { path: '/a' } }), ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type']],
  ['a hostPath without path', withVolume({ hostPath: { path: '' } }), ['spec.volumes[0].hostPath.path: Required value']],
  ['a hostPath that climbs', withVolume({ hostPath: { path: '/a/../b' } }), ["spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"]],
  ['an unknown hostPath type', withVolume({ hostPath: { path: '/a', type: 'Link' as 'File' } }), ['spec.volumes[0].hostPath.type: Unsupported value: "Link": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"']],
  ['a negative emptyDir', withVolume({ emptyDir: { sizeLimit: '-1' } }), ['spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity']],
  ['a mode that is none', withVolume({ configMap: { name: 'c', defaultMode: 512 } }), ['spec.volumes[0].configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive']],
  ['a secret without name', withVolume({ secret: {} }), ['spec.volumes[0].secret.secretName: Required value']],
  ['a key for a path outside', withVolume({ secret: { secretName: 's', items: [{ key: 'k', path: '/etc' }] } }), ['spec.volumes[0].secret.items[0].path: Invalid value: "/etc": must be a relative path']],
  ['a negative amount', withContainer({ resources: { requests: { cpu: '-1' } } }), ['spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0']],
  ['a request above its limit', withContainer({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }), ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1']],
  ['a request unlike its limit where there is no overcommit', withContainer({ resources: { requests: { 'a.com/gpu': '1' }, limits: { 'a.com/gpu': '2' } } }), ['spec.containers[0].resources.requests: Invalid value: "1": must be equal to a.com/gpu limit of 2']],
  ['a counted resource in parts', withContainer({ resources: { requests: { 'a.com/gpu': '500m' }, limits: { 'a.com/gpu': '500m' } } }), ['spec.containers[0].resources.limits[a.com/gpu]: Invalid value: "500m": must be an integer', 'spec.containers[0].resources.requests[a.com/gpu]: Invalid value: "500m": must be an integer']],
  ['a resource containers do not have', withContainer({ resources: { requests: { disk: '1' } } }), ['spec.containers[0].resources.requests[disk]: Invalid value: "disk": must be a standard resource type or fully qualified', 'spec.containers[0].resources.requests[disk]: Invalid value: "disk": must be a standard resource for containers']],
  ['a variable without name', withContainer({ env: [{ name: '', value: 'x' }] }), ['spec.containers[0].env[0].name: Required value']],
  ['a variable named badly', withContainer({ env: [{ name: 'a=b' }] }), ["spec.containers[0].env[0].name: Invalid value: \"a=b\": a valid environment variable name must consist only of printable ASCII characters other than '='"]],
  ['value and valueFrom', withContainer({ env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }), ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty']],
  ['valueFrom nowhere', withContainer({ env: [{ name: 'A', valueFrom: {} }] }), ['spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`']],
  ['a field nobody offers', withContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.x' } } }] }), ['spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.x": error converting fieldPath: field label not supported: spec.x']],
  ['a deadline of 0', { activeDeadlineSeconds: 0 }, ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive']],
  ['a probe that does nothing', withContainer({ livenessProbe: {} }), ['spec.containers[0].livenessProbe: Required value: must specify a handler type']],
  ['a probe that does two things', withContainer({ livenessProbe: handler({ tcpSocket: { port: 1 } }) }), ['spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type']],
  ['a probe without command', withContainer({ livenessProbe: { exec: {} } }), ['spec.containers[0].livenessProbe.exec.command: Required value']],
  ['a probe of no port', withContainer({ readinessProbe: { httpGet: { port: 0 } } }), [`spec.containers[0].readinessProbe.httpGet.port: Invalid value: 0: ${SEMANTIC_PORT}`]],
  ['a negative period', withContainer({ readinessProbe: handler({ periodSeconds: -1 }) }), ['spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0']],
  ['liveness after two successes', withContainer({ livenessProbe: handler({ successThreshold: 2 }) }), ['spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1']],
  ['readiness with a grace period', withContainer({ readinessProbe: handler({ terminationGracePeriodSeconds: 1 }) }), ['spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 1: must not be set for readinessProbes']],
  ['a sleep beyond the grace period', withContainer({ lifecycle: { preStop: { sleep: { seconds: 31 } } } }), ['spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)']],
  ['a probe of an init container', { initContainers: [{ name: 'i', image: 'x', livenessProbe: handler() }] }, ['spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always']],
  ['a bad node selector', { nodeSelector: { '-': 'x' } }, [expect.stringMatching(/^spec\.nodeSelector: Invalid value: "-": name part must consist/) as unknown as string]],
  ['a toleration of all without Exists', { tolerations: [{ effect: 'NoSchedule' }] }, ['spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"']],
  ['seconds for another effect', { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 1 }] }, ["spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set"]],
  ['Exists with a value', { tolerations: [{ key: 'a', operator: 'Exists', value: 'x' }] }, ["spec.tolerations[0].operator: Invalid value: \"x\": value must be empty when `operator` is 'Exists'"]],
  ['an unknown effect', { tolerations: [{ key: 'a', operator: 'Exists', effect: 'Never' }] }, ['spec.tolerations[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"']],
  ['affinity without terms', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } }, ['spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term']],
  ['a weight of 0', { affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, podAffinityTerm: { topologyKey: 'a' } }] } } }, ['spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100']],
  ['In without values', { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'a', labelSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }] } } }, ["spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"]],
  ['a skew of 0', { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule' }] }, ['spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero']],
  ['a negative user', { securityContext: { runAsUser: -1 } }, ['spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive']],
  ['escalation against privilege', withContainer({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }), ['spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true']],
  ['a seccomp profile without its file', { securityContext: { seccompProfile: { type: 'Localhost' } } }, ['spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost']],
  ['a bad sysctl', { securityContext: { sysctls: [{ name: 'A', value: '1' }] } }, ['spec.securityContext.sysctls[0].name: Invalid value: "A": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$']],
  ['another host port on the host network', { hostNetwork: true, ...withContainer({ ports: [{ containerPort: 80, hostPort: 81 }] }) }, ['spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true']],
  ['a bad hostname', { hostname: 'a.b' }, ['spec.hostname: Invalid value: "a.b": must not contain dots']],
  ['an alias that is no IP', { hostAliases: [{ ip: '1.2.3' }] }, ['spec.hostAliases[0].ip: Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
];

const accepted: [what: string, spec: object][] = [
  ['a plain pod', {}],
  ['the same port over TCP and UDP', withContainer({ ports: [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }] })],
  ['a sidecar with a probe', { initContainers: [{ name: 'i', image: 'x', restartPolicy: 'Always', readinessProbe: handler() }] }],
  ['volumes, mounts and variables', {
    volumes: [{ name: 'a', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } }, { name: 'b', hostPath: { path: '/b', type: 'Directory' } }, { name: 'c' }],
    ...withContainer({
      volumeMounts: [{ name: 'a', mountPath: '/a' }, { name: 'b', mountPath: '/b', subPath: 'x/y', readOnly: true }],
      env: [{ name: 'A', value: '' }, { name: 'B', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }, { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }],
    }),
  }],
  ['tolerations of everything', { tolerations: [{ operator: 'Exists' }, { key: 'a', value: 'b', effect: 'NoExecute', tolerationSeconds: 0 }] }],
  ['a grace period of 0', { terminationGracePeriodSeconds: 0 }],
  ['search paths with underscores and dots', { dnsConfig: { searches: ['.', '_tcp.example.com.'], options: [{ name: 'ndots', value: '2' }] } }],
  ['a request equal to its limit', withContainer({ resources: { requests: { cpu: '1000m' }, limits: { cpu: '1' } } })],
];

describe('pod validation', () => {
  it.each(refused)('refuses %s', (_what, spec, errors) => {
    expect(errorsOf(spec)).toEqual(errors);
  });

  it.each(accepted)('takes %s', (_what, spec) => {
    expect(errorsOf(spec)).toEqual([]);
  });

  it('reports a volume without any type when defaults have not been applied', () => {
    const pod: Pod = { ...podOf({}), spec: { ...podOf({}).spec, volumes: [{ name: 'v' }] } };
    expect(podKind.validateCreate(pod)).toEqual([{ field: 'spec.volumes[0]', reason: 'FieldValueRequired', message: 'Required value: must specify a volume type' }]);
  });
});
