import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isDNS1123Subdomain } from '../names.ts';
import { parseQuantity } from '../quantity.ts';
import type { Volume } from '../volume.ts';
import { checkMember, checkRequired, checkRequiredMember, duplicate, forbidden, invalid, required } from './field-errors.ts';
import { checkNoBacksteps } from './paths.ts';
import { validateDownwardFiles, validateFiles, validateProjections } from './projected-volume.ts';
import { remoteValidators } from './remote-volume.ts';
import { validateClaimTemplate } from './volume-claim-template.ts';
import type { Volumes } from './volume-mounts.ts';

/** Whose volumes they are: a pod, or a template, which has no name yet. */
export interface VolumeOwner {
  podName: string | undefined;
  isPod: boolean;
}

type SourceName = Exclude<keyof Volume, 'name'>;
type Validators = { [Name in SourceName]: (source: NonNullable<Volume[Name]>, path: string, volume: Volume, owner: VolumeOwner) => FieldError[] };

const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];

/** In the order in which Kubernetes looks for a source: the first one found counts, the others are refused. */
const validators: Validators = {
  emptyDir: ({ sizeLimit }, path) =>
    sizeLimit !== undefined && parseQuantity(sizeLimit) < 0n ? [forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')] : [],
  hostPath: (source, path) => {
    if (source.path === '') return [required(`${path}.path`)];
    return [...checkNoBacksteps(`${path}.path`, source.path), ...checkMember(`${path}.type`, source.type, hostPathTypes)];
  },
  gitRepo: remoteValidators.gitRepo,
  gcePersistentDisk: remoteValidators.gcePersistentDisk,
  awsElasticBlockStore: remoteValidators.awsElasticBlockStore,
  secret: (source, path) => [...checkRequired(`${path}.secretName`, source.secretName), ...validateFiles(source, path)],
  nfs: remoteValidators.nfs,
  iscsi: (source, path, { name }) => remoteValidators.iscsi(source, path, name),
  glusterfs: remoteValidators.glusterfs,
  flocker: remoteValidators.flocker,
  persistentVolumeClaim: (source, path) => checkRequired(`${path}.claimName`, source.claimName),
  rbd: remoteValidators.rbd,
  cinder: remoteValidators.cinder,
  cephfs: remoteValidators.cephfs,
  quobyte: remoteValidators.quobyte,
  downwardAPI: (source, path) => validateDownwardFiles(source, path),
  fc: remoteValidators.fc,
  flexVolume: remoteValidators.flexVolume,
  configMap: (source, path) => [...checkRequired(`${path}.name`, source.name), ...validateFiles(source, path)],
  azureFile: remoteValidators.azureFile,
  vsphereVolume: remoteValidators.vsphereVolume,
  photonPersistentDisk: remoteValidators.photonPersistentDisk,
  portworxVolume: remoteValidators.portworxVolume,
  azureDisk: remoteValidators.azureDisk,
  storageos: remoteValidators.storageos,
  projected: (source, path) => validateProjections(source, path),
  scaleIO: remoteValidators.scaleIO,
  csi: remoteValidators.csi,
  ephemeral: (source, path, { name }, { podName }) => [
    ...(source.volumeClaimTemplate ? validateClaimTemplate(source.volumeClaimTemplate, `${path}.volumeClaimTemplate`) : [required(`${path}.volumeClaimTemplate`)]),
    ...(podName && name ? checkClaimName(`${podName}-${name}`, name, path) : []),
  ],
  image: ({ reference, pullPolicy }, path, _volume, { isPod }) => [
    ...(isPod ? checkRequired(`${path}.reference`, reference) : []),
    ...checkRequiredMember(`${path}.pullPolicy`, pullPolicy, ['Always', 'IfNotPresent', 'Never']),
  ],
};
const sourceNames = Object.keys(validators) as SourceName[];

/** Kubernetes' own paths for some sources. */
const renamed: Partial<Record<SourceName, string>> = { gcePersistentDisk: 'persistentDisk' };
const renamedExtra: Partial<Record<SourceName, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

function checkClaimName(claim: string, volumeName: string, path: string): FieldError[] {
  const at = path.replace(/\.ephemeral$/, '.name');
  return isDNS1123Subdomain(claim).map((reason) => invalid(at, volumeName, `PVC name ${JSON.stringify(claim)}: ${reason}`));
}

/** Violations, and the volumes that have none: only these can be mounted. */
export function validateVolumes(volumes: Volume[] | undefined, owner: VolumeOwner, path: string): { errors: FieldError[]; valid: Volumes } {
  const valid = new Map<string, Volume>();
  const { podName } = owner;
  const created = new Set(podName ? volumes?.filter(({ ephemeral }) => ephemeral).map(({ name }) => `${podName}-${name}`) : []);
  const errors = (volumes ?? []).flatMap((volume, index) => {
    const at = `${path}[${index}]`;
    const own = [
      ...validateSource(volume, owner, at),
      ...checkRequired(`${at}.name`, volume.name, isDNS1123Label),
      ...(valid.has(volume.name) ? [duplicate(`${at}.name`, volume.name)] : []),
    ];
    if (own.length === 0) valid.set(volume.name, volume);
    return [...own, ...checkForeignClaim(volume, created, at)];
  });
  return { errors, valid };
}

function checkForeignClaim({ persistentVolumeClaim: claim }: Volume, created: ReadonlySet<string>, path: string): FieldError[] {
  if (!claim || !created.has(claim.claimName)) return [];
  const detail = 'must not reference a PVC that gets created for an ephemeral volume';
  return [invalid(`${path}.persistentVolumeClaim.claimName`, claim.claimName, detail)];
}

function validateSource(volume: Volume, owner: VolumeOwner, path: string): FieldError[] {
  const [first, ...others] = sourceNames.filter((name) => volume[name] !== undefined);
  if (first === undefined) return [required(path, 'must specify a volume type')];
  const validate = validators[first] as (source: unknown, path: string, volume: Volume, owner: VolumeOwner) => FieldError[];
  return [
    ...validate(volume[first], `${path}.${renamed[first] ?? first}`, volume, owner),
    ...others.map((name) => forbidden(`${path}.${renamedExtra[name] ?? name}`, 'may not specify more than 1 volume type')),
  ];
}
