import { LocalObjectReferenceSchema, type LocalObjectReference } from './object-reference.ts';
import { boolean, int32, keepEmpty, list, model, named, oneOf, string, stringMap } from './schema.ts';
import { PersistentVolumeClaimTemplateSchema, type PersistentVolumeClaimTemplate } from './volume-claim-template.ts';

const secretRef = named<LocalObjectReference>(LocalObjectReferenceSchema);
const readOnly = boolean;
const fsType = string;

const cloudDisks = {
  gcePersistentDisk: model('core.v1.GCEPersistentDiskVolumeSource', { pdName: string }, { fsType, partition: int32, readOnly }),
  awsElasticBlockStore: model('core.v1.AWSElasticBlockStoreVolumeSource', { volumeID: string }, { fsType, partition: int32, readOnly }),
  azureFile: model('core.v1.AzureFileVolumeSource', { secretName: string, shareName: string }, { readOnly }),
  azureDisk: model(
    'core.v1.AzureDiskVolumeSource',
    { diskName: string, diskURI: string },
    { cachingMode: keepEmpty(oneOf('None', 'ReadOnly', 'ReadWrite')), fsType: keepEmpty(fsType), readOnly: keepEmpty(readOnly), kind: keepEmpty(oneOf('Shared', 'Dedicated', 'Managed')) },
    { defaults: { cachingMode: 'ReadWrite', fsType: 'ext4', readOnly: false, kind: 'Shared' } },
  ),
  cinder: model('core.v1.CinderVolumeSource', { volumeID: string }, { fsType, readOnly, secretRef }),
  vsphereVolume: model('core.v1.VsphereVirtualDiskVolumeSource', { volumePath: string }, { fsType, storagePolicyName: string, storagePolicyID: string }),
  photonPersistentDisk: model('core.v1.PhotonPersistentDiskVolumeSource', { pdID: string }, { fsType }),
};

const networkFileSystems = {
  nfs: model('core.v1.NFSVolumeSource', { server: string, path: string }, { readOnly }),
  glusterfs: model('core.v1.GlusterfsVolumeSource', { endpoints: string, path: string }, { readOnly }),
  cephfs: model('core.v1.CephFSVolumeSource', { monitors: list(string) }, { path: string, user: string, secretFile: string, secretRef, readOnly }),
  quobyte: model('core.v1.QuobyteVolumeSource', { registry: string, volume: string }, { readOnly, user: string, group: string, tenant: string }),
  flocker: model('core.v1.FlockerVolumeSource', {}, { datasetName: string, datasetUUID: string }),
  gitRepo: model('core.v1.GitRepoVolumeSource', { repository: string }, { revision: string, directory: string }),
};

const blockDevices = {
  iscsi: model(
    'core.v1.ISCSIVolumeSource',
    { targetPortal: string, iqn: string, lun: int32 },
    {
      iscsiInterface: string, fsType, readOnly, portals: list(string), chapAuthDiscovery: boolean, chapAuthSession: boolean,
      secretRef, initiatorName: keepEmpty(string),
    },
    { defaults: { iscsiInterface: 'default' } },
  ),
  rbd: model('core.v1.RBDVolumeSource', { monitors: list(string), image: string }, { fsType, pool: string, user: string, keyring: string, secretRef, readOnly }, { defaults: { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' } }),
  fc: model('core.v1.FCVolumeSource', {}, { targetWWNs: list(string), lun: keepEmpty(int32), fsType, readOnly, wwids: list(string) }),
  portworxVolume: model('core.v1.PortworxVolumeSource', { volumeID: string }, { fsType, readOnly }),
  scaleIO: model(
    'core.v1.ScaleIOVolumeSource',
    { gateway: string, system: string, secretRef },
    {
      sslEnabled: boolean, protectionDomain: string, storagePool: string, storageMode: string, volumeName: string, fsType, readOnly,
    },
    { defaults: { storageMode: 'ThinProvisioned', fsType: 'xfs' } },
  ),
  storageos: model('core.v1.StorageOSVolumeSource', {}, { volumeName: string, volumeNamespace: string, fsType, readOnly, secretRef }),
};

/** Volumes whose data lives outside the node: typed and stored, not acted on. */
export const remoteVolumeSources = {
  ...cloudDisks,
  ...networkFileSystems,
  ...blockDevices,
  persistentVolumeClaim: model('core.v1.PersistentVolumeClaimVolumeSource', { claimName: string }, { readOnly }),
  ephemeral: model('core.v1.EphemeralVolumeSource', {}, { volumeClaimTemplate: named<PersistentVolumeClaimTemplate>(PersistentVolumeClaimTemplateSchema) }),
  csi: model('core.v1.CSIVolumeSource', { driver: string }, { readOnly: keepEmpty(readOnly), fsType: keepEmpty(fsType), volumeAttributes: stringMap, nodePublishSecretRef: secretRef }),
  flexVolume: model('core.v1.FlexVolumeSource', { driver: string }, { fsType, secretRef, readOnly, options: stringMap }),
};
