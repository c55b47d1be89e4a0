import { LocalObjectReferenceSchema, type LocalObjectReference } from './object-reference.ts';
import { boolean, int32, list, named, oneOf, string, stringMap, struct } from './schema.ts';
import { PersistentVolumeClaimTemplateSchema, type PersistentVolumeClaimTemplate } from './volume-claim-template.ts';

const secretRef = named<LocalObjectReference>(LocalObjectReferenceSchema);
const readOnly = boolean;
const fsType = string;

const cloudDisks = {
  gcePersistentDisk: struct({ pdName: string }, { fsType, partition: int32, readOnly }),
  awsElasticBlockStore: struct({ volumeID: string }, { fsType, partition: int32, readOnly }),
  azureFile: struct({ secretName: string, shareName: string }, { readOnly }),
  azureDisk: struct(
    { diskName: string, diskURI: string },
    { cachingMode: oneOf('None', 'ReadOnly', 'ReadWrite'), fsType, readOnly, kind: oneOf('Shared', 'Dedicated', 'Managed') },
  ),
  cinder: struct({ volumeID: string }, { fsType, readOnly, secretRef }),
  vsphereVolume: struct({ volumePath: string }, { fsType, storagePolicyName: string, storagePolicyID: string }),
  photonPersistentDisk: struct({ pdID: string }, { fsType }),
};

const networkFileSystems = {
  nfs: struct({ server: string, path: string }, { readOnly }),
  glusterfs: struct({ endpoints: string, path: string }, { readOnly }),
  cephfs: struct({ monitors: list(string) }, { path: string, user: string, secretFile: string, secretRef, readOnly }),
  quobyte: struct({ registry: string, volume: string }, { readOnly, user: string, group: string, tenant: string }),
  flocker: struct({}, { datasetName: string, datasetUUID: string }),
  gitRepo: struct({ repository: string }, { revision: string, directory: string }),
};

const blockDevices = {
  iscsi: struct(
    { targetPortal: string, iqn: string, lun: int32 },
    {
      iscsiInterface: string, fsType, readOnly, portals: list(string), chapAuthDiscovery: boolean, chapAuthSession: boolean,
      secretRef, initiatorName: string,
    },
  ),
  rbd: struct({ monitors: list(string), image: string }, { fsType, pool: string, user: string, keyring: string, secretRef, readOnly }),
  fc: struct({}, { targetWWNs: list(string), lun: int32, fsType, readOnly, wwids: list(string) }),
  portworxVolume: struct({ volumeID: string }, { fsType, readOnly }),
  scaleIO: struct(
    { gateway: string, system: string, secretRef },
    {
      sslEnabled: boolean, protectionDomain: string, storagePool: string, storageMode: string, volumeName: string, fsType, readOnly,
    },
  ),
  storageos: struct({}, { volumeName: string, volumeNamespace: string, fsType, readOnly, secretRef }),
};

/** Volumes whose data lives outside the node: typed and stored, not acted on. */
export const remoteVolumeSources = {
  ...cloudDisks,
  ...networkFileSystems,
  ...blockDevices,
  persistentVolumeClaim: struct({ claimName: string }, { readOnly }),
  ephemeral: struct({}, { volumeClaimTemplate: named<PersistentVolumeClaimTemplate>(PersistentVolumeClaimTemplateSchema) }),
  csi: struct({ driver: string }, { readOnly, fsType, volumeAttributes: stringMap, nodePublishSecretRef: secretRef }),
  flexVolume: struct({ driver: string }, { fsType, secretRef, readOnly, options: stringMap }),
};
