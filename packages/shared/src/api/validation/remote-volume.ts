import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isDNS1123Subdomain } from '../names.ts';
import type { Volume } from '../volume.ts';
import { check, checkMember, checkOptional, checkRange, checkRequired, invalid, notSupported, required, tooLong } from './field-errors.ts';
import { checkDescending } from './paths.ts';

type Source<Name extends keyof Volume> = NonNullable<Volume[Name]>;

const present = (path: string, ...fields: [name: string, value: string | undefined][]) =>
  fields.flatMap(([name, value]) => checkRequired(`${path}.${name}`, value));

const atLeastOne = (path: string, list: readonly unknown[]) => (list.length === 0 ? [required(path)] : []);
const secretName = (path: string, secretRef: { name?: string } | undefined) => (secretRef ? checkRequired(`${path}.secretRef.name`, secretRef.name) : []);

function checkPartition(path: string, partition: number | undefined): FieldError[] {
  const isPartition = partition === undefined || (partition >= 0 && partition <= 255);
  return isPartition ? [] : [invalid(`${path}.partition`, partition, 'must be between 1 and 255, inclusive')];
}

/** Volumes whose data lies elsewhere. `path` names the source. */
export const remoteValidators = {
  gitRepo: (source: Source<'gitRepo'>, path: string) => [
    ...present(path, ['repository', source.repository]), ...checkDescending(`${path}.directory`, source.directory),
  ],
  gcePersistentDisk: (source: Source<'gcePersistentDisk'>, path: string) => [...present(path, ['pdName', source.pdName]), ...checkPartition(path, source.partition)],
  awsElasticBlockStore: (source: Source<'awsElasticBlockStore'>, path: string) => [...present(path, ['volumeID', source.volumeID]), ...checkPartition(path, source.partition)],
  nfs: ({ server, path: directory }: Source<'nfs'>, path: string) => [
    ...present(path, ['server', server], ['path', directory]),
    ...(directory.startsWith('/') ? [] : [invalid(`${path}.path`, directory, 'must be an absolute path')]),
  ],
  iscsi: validateIscsi,
  glusterfs: (source: Source<'glusterfs'>, path: string) => present(path, ['endpoints', source.endpoints], ['path', source.path]),
  flocker: validateFlocker,
  rbd: (source: Source<'rbd'>, path: string) => [...atLeastOne(`${path}.monitors`, source.monitors), ...present(path, ['image', source.image])],
  cinder: (source: Source<'cinder'>, path: string) => [...present(path, ['volumeID', source.volumeID]), ...secretName(path, source.secretRef)],
  cephfs: (source: Source<'cephfs'>, path: string) => atLeastOne(`${path}.monitors`, source.monitors),
  quobyte: (source: Source<'quobyte'>, path: string) => [...validateRegistry(source, path), ...present(path, ['volume', source.volume])],
  fc: validateFibreChannel,
  flexVolume: (source: Source<'flexVolume'>, path: string) => [...present(path, ['driver', source.driver]), ...validateFlexOptions(source.options, `${path}.options`)],
  azureFile: (source: Source<'azureFile'>, path: string) => present(path, ['secretName', source.secretName], ['shareName', source.shareName]),
  vsphereVolume: (source: Source<'vsphereVolume'>, path: string) => present(path, ['volumePath', source.volumePath]),
  photonPersistentDisk: (source: Source<'photonPersistentDisk'>, path: string) => present(path, ['pdID', source.pdID]),
  portworxVolume: (source: Source<'portworxVolume'>, path: string) => present(path, ['volumeID', source.volumeID]),
  azureDisk: validateAzureDisk,
  storageos: (source: Source<'storageos'>, path: string) => [
    ...checkRequired(`${path}.volumeName`, source.volumeName, isDNS1123Label),
    ...checkOptional(`${path}.volumeNamespace`, source.volumeNamespace, isDNS1123Label),
    ...secretName(path, source.secretRef),
  ],
  scaleIO: (source: Source<'scaleIO'>, path: string) =>
    present(path, ['gateway', source.gateway], ['system', source.system], ['volumeName', source.volumeName]),
  csi: validateCsi,
} as const;

const iscsiNames: [prefix: string, shape: RegExp][] = [
  ['iqn', /iqn\.\d{4}-\d{2}\.[a-zA-Z0-9.-]+:[^,;*&$|\s]+$/], ['eui', /^eui.[a-zA-Z0-9]{16}$/], ['naa', /^naa.[a-zA-Z0-9]{32}$/],
];

function checkIscsiName(name: string): string[] {
  const [, shape] = iscsiNames.find(([prefix]) => name.startsWith(prefix)) ?? [];
  if (!shape) return ['must be valid format starting with iqn, eui, or naa'];
  return shape.test(name) ? [] : ['must be valid format'];
}

const MAX_ISCSI_NAME = 64;

function validateIscsi(source: Source<'iscsi'>, path: string, volumeName: string): FieldError[] {
  const { targetPortal, iqn, lun, initiatorName, secretRef } = source;
  const needsSecret = (source.chapAuthDiscovery || source.chapAuthSession) && !secretRef;
  const isTooLong = initiatorName !== undefined && Buffer.byteLength(`${volumeName}:${targetPortal}`) > MAX_ISCSI_NAME;
  const longDetail = 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
  return [
    ...present(path, ['targetPortal', targetPortal]),
    ...checkRequired(`${path}.iqn`, iqn, checkIscsiName),
    ...checkRange(`${path}.lun`, lun, 0, 255),
    ...(needsSecret ? [required(`${path}.secretRef`)] : []),
    ...(initiatorName === undefined ? [] : check(`${path}.initiatorname`, initiatorName, checkIscsiName)),
    ...(isTooLong ? [invalid(path.replace(/\.iscsi$/, '.name'), volumeName, longDetail)] : []),
  ];
}

function validateFlocker({ datasetName, datasetUUID }: Source<'flocker'>, path: string): FieldError[] {
  return [
    ...(datasetName || datasetUUID ? [] : [required(path, 'one of datasetName and datasetUUID is required')]),
    ...(datasetName && datasetUUID ? [invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously')] : []),
    ...(datasetName?.includes('/') ? [invalid(`${path}.datasetName`, datasetName, "must not contain '/'")] : []),
  ];
}

const REGISTRY = 'must be a host:port pair or multiple pairs separated by commas';

function validateRegistry({ registry, tenant = '' }: Source<'quobyte'>, path: string): FieldError[] {
  if (registry === '') return [required(`${path}.registry`, REGISTRY)];
  if (Buffer.byteLength(tenant) > 64) return [required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters')];
  const bad = registry.split(',').filter((pair) => !/^(?:[^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/.test(pair));
  return bad.map(() => invalid(`${path}.registry`, registry, REGISTRY));
}

function validateFibreChannel({ targetWWNs = [], wwids = [], lun }: Source<'fc'>, path: string): FieldError[] {
  const at = `${path}.targetWWNs`;
  if (targetWWNs.length === 0) return wwids.length > 0 ? [] : [required(at, 'must specify either targetWWNs or wwids, but not both')];
  return [
    ...(wwids.length > 0 ? [invalid(at, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously')] : []),
    ...(lun === undefined ? [required(`${path}.lun`, 'lun is required if targetWWNs is specified')] : checkRange(`${path}.lun`, lun, 0, 255)),
  ];
}

function validateFlexOptions(options: Record<string, string> | undefined, path: string): FieldError[] {
  const isReserved = (key: string) => /\.(?:kubernetes|k8s)\.io$/.test(`.${(key.split('/')[0] ?? '').toLowerCase()}`);
  return Object.keys(options ?? {}).filter(isReserved)
    .map((key) => invalid(`${path}[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'));
}

const managedUri = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const blobUri = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

function validateAzureDisk({ diskName, diskURI, cachingMode, kind }: Source<'azureDisk'>, path: string): FieldError[] {
  const [prefix, example] = kind === 'Managed' ? ['/subscriptions/', managedUri] : ['https://', blobUri];
  return [
    ...present(path, ['diskName', diskName], ['diskURI', diskURI]),
    ...checkMember(`${path}.cachingMode`, cachingMode, ['None', 'ReadOnly', 'ReadWrite']),
    ...checkMember(`${path}.kind`, kind, ['Dedicated', 'Managed', 'Shared']),
    ...(kind !== undefined && !diskURI.startsWith(prefix) ? [notSupported(`${path}.diskURI`, diskURI, [example])] : []),
  ];
}

const MAX_DRIVER_BYTES = 63;

function validateCsi({ driver, nodePublishSecretRef: secretRef }: Source<'csi'>, path: string): FieldError[] {
  const at = `${path}.driver`;
  const isTooLong = Buffer.byteLength(driver) > MAX_DRIVER_BYTES;
  return [
    ...(isTooLong ? [tooLong(at, MAX_DRIVER_BYTES)] : []),
    ...(driver === '' ? [required(at)] : isDNS1123Subdomain(driver.toLowerCase()).map((reason) => invalid(at, driver, reason))),
    ...(secretRef && !secretRef.name ? [required(`${path}.nodePublishSecretRef.name`)] : []),
    ...checkOptional(`${path}.name`, secretRef?.name, isDNS1123Subdomain),
  ];
}
