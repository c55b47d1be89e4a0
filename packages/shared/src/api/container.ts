import type { Static } from 'typebox';
import { EnvFromSourceSchema, EnvVarSchema, type EnvFromSource, type EnvVar } from './env.ts';
import { LifecycleSchema, ProbeSchema, type Lifecycle, type Probe } from './probe.ts';
import { ResourceRequirementsSchema, type ResourceRequirements } from './resource-requirements.ts';
import { boolean, int32, keepEmpty, list, mergeList, model, named, oneOf, setOf, string, unlisted } from './schema.ts';
import { SecurityContextSchema, type SecurityContext } from './security-context.ts';

export const ContainerPortSchema = model(
  'core.v1.ContainerPort',
  { containerPort: int32 },
  { name: string, hostPort: int32, protocol: oneOf('SCTP', 'TCP', 'UDP'), hostIP: string },
  { defaults: { protocol: 'TCP' } },
);
export interface ContainerPort extends Static<typeof ContainerPortSchema> {}

export const VolumeMountSchema = model(
  'core.v1.VolumeMount',
  { name: string, mountPath: string },
  {
    readOnly: boolean,
    recursiveReadOnly: keepEmpty(unlisted(oneOf('Disabled', 'IfPossible', 'Enabled'))),
    subPath: string,
    mountPropagation: keepEmpty(oneOf('Bidirectional', 'HostToContainer', 'None')),
    subPathExpr: string,
  },
);
export interface VolumeMount extends Static<typeof VolumeMountSchema> {}

export const VolumeDeviceSchema = model('core.v1.VolumeDevice', { name: string, devicePath: string }, {});
export interface VolumeDevice extends Static<typeof VolumeDeviceSchema> {}

const ContainerResizePolicySchema = model(
  'core.v1.ContainerResizePolicy',
  { resourceName: string, restartPolicy: unlisted(oneOf('NotRequired', 'RestartContainer')) },
  {},
);

const ContainerRestartRuleSchema = model(
  'core.v1.ContainerRestartRule',
  { action: unlisted(oneOf('Restart', 'RestartAllContainers')) },
  { exitCodes: model('core.v1.ContainerRestartRuleOnExitCodes', { operator: unlisted(oneOf('In', 'NotIn')) }, { values: setOf(int32) }, { defaults: { operator: undefined } }) },
  { defaults: { action: undefined } },
);

const containerFields = {
  image: string,
  command: list(string),
  args: list(string),
  workingDir: string,
  ports: mergeList(named<ContainerPort>(ContainerPortSchema), 'containerPort', { mapKeys: ['containerPort', 'protocol'] }),
  envFrom: list(named<EnvFromSource>(EnvFromSourceSchema)),
  env: mergeList(named<EnvVar>(EnvVarSchema), 'name'),
  resources: named<ResourceRequirements>(ResourceRequirementsSchema),
  resizePolicy: list(ContainerResizePolicySchema),
  restartPolicy: keepEmpty(unlisted(oneOf('Always', 'Never', 'OnFailure'))),
  restartPolicyRules: list(ContainerRestartRuleSchema),
  volumeMounts: mergeList(named<VolumeMount>(VolumeMountSchema), 'mountPath'),
  volumeDevices: mergeList(named<VolumeDevice>(VolumeDeviceSchema), 'devicePath'),
  livenessProbe: named<Probe>(ProbeSchema),
  readinessProbe: named<Probe>(ProbeSchema),
  startupProbe: named<Probe>(ProbeSchema),
  lifecycle: named<Lifecycle>(LifecycleSchema),
  terminationMessagePath: string,
  terminationMessagePolicy: oneOf('File', 'FallbackToLogsOnError'),
  imagePullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
  securityContext: named<SecurityContext>(SecurityContextSchema),
  stdin: boolean,
  stdinOnce: boolean,
  tty: boolean,
};

export const ContainerSchema = model('core.v1.Container', { name: string }, containerFields, { defaults: { resources: {} } });
export interface Container extends Static<typeof ContainerSchema> {}

export const EphemeralContainerSchema = model('core.v1.EphemeralContainer', { name: string }, { ...containerFields, targetContainerName: string }, { defaults: { resources: {} } });
export interface EphemeralContainer extends Static<typeof EphemeralContainerSchema> {}
