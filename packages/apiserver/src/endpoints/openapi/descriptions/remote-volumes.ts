import type { ModelDescriptions } from '../descriptions.ts';

const fsType = 'File system of the volume, such as ext4.';
const readOnly = 'Whether the volume is read-only. Default false.';
const partition = 'Partition to mount; the whole disk if 0.';
const limits = 'The most that may be used.';
const requests = 'The least that is needed.';

/** Volumes whose data lives elsewhere. */
export const remoteVolumes: ModelDescriptions = {
  'core.v1.AWSElasticBlockStoreVolumeSource': { '': 'A disk of AWS.', fsType, partition, readOnly, volumeID: 'Identity of the disk.' },
  'core.v1.AzureDiskVolumeSource': {
    '': 'A disk of Azure.',
    cachingMode: 'None, ReadOnly or ReadWrite.',
    diskName: 'Name of the disk.',
    diskURI: 'Address of the disk.',
    fsType,
    kind: 'Shared, Dedicated or Managed.',
    readOnly,
  },
  'core.v1.AzureFileVolumeSource': { '': 'A file share of Azure.', readOnly, secretName: 'Secret with the account\'s name and key.', shareName: 'Name of the share.' },
  'core.v1.CSIVolumeSource': {
    '': 'A volume that a CSI driver makes for the pod.',
    driver: 'Name of the driver.',
    fsType,
    nodePublishSecretRef: 'Secret for the driver.',
    readOnly,
    volumeAttributes: 'Settings for the driver.',
  },
  'core.v1.CephFSVolumeSource': {
    '': 'A Ceph file system.',
    monitors: 'Addresses of the monitors.',
    path: 'Folder to mount as root. Default /.',
    readOnly,
    secretFile: 'Path of the key ring on the node.',
    secretRef: 'Secret to use instead of secretFile.',
    user: 'User to mount as. Default admin.',
  },
  'core.v1.CinderVolumeSource': { '': 'A disk of OpenStack.', fsType, readOnly, secretRef: 'Secret with OpenStack\'s credentials.', volumeID: 'Identity of the disk.' },
  'core.v1.EphemeralVolumeSource': { '': 'A volume from a claim made for the pod.', volumeClaimTemplate: 'The claim, named POD-VOLUME.' },
  'core.v1.FCVolumeSource': {
    '': 'A Fibre Channel disk.', fsType, lun: 'Number of the target\'s unit.', readOnly, targetWWNs: 'World-wide names of the target.', wwids: 'World-wide identities of the volume, instead of target and unit.',
  },
  'core.v1.FlexVolumeSource': {
    '': 'A volume from a program on the node.', driver: 'Name of the program.', fsType, options: 'Settings for the program.', readOnly, secretRef: 'Secret for the program.',
  },
  'core.v1.FlockerVolumeSource': { '': 'A Flocker volume.', datasetName: 'Name of the dataset. Deprecated.', datasetUUID: 'Identity of the dataset.' },
  'core.v1.GCEPersistentDiskVolumeSource': { '': 'A disk of Google Cloud.', fsType, partition, pdName: 'Name of the disk.', readOnly },
  'core.v1.GitRepoVolumeSource': {
    '': 'A Git repository, cloned when the pod starts.', directory: 'Folder to clone into, without `..`.', repository: 'Address of the repository.', revision: 'Commit to check out.',
  },
  'core.v1.GlusterfsVolumeSource': { '': 'A Gluster volume.', endpoints: 'Name of the Endpoints with the servers.', path: 'Name of the volume.', readOnly },
  'core.v1.ISCSIVolumeSource': {
    '': 'An iSCSI disk.',
    chapAuthDiscovery: 'Whether discovery authenticates with CHAP.',
    chapAuthSession: 'Whether sessions authenticate with CHAP.',
    fsType,
    initiatorName: 'Name of the initiator.',
    iqn: 'Name of the target.',
    iscsiInterface: 'Interface to use. Default `default`, which is TCP.',
    lun: 'Number of the target\'s unit.',
    portals: 'Further addresses of the target.',
    readOnly,
    secretRef: 'Secret for CHAP.',
    targetPortal: 'Address of the target.',
  },
  'core.v1.NFSVolumeSource': { '': 'An NFS export.', path: 'Path that the server exports.', readOnly, server: 'Host name or IP of the server.' },
  'core.v1.PersistentVolumeClaimVolumeSource': { '': 'A volume that a claim has.', claimName: 'Name of the claim.', readOnly },
  'core.v1.PersistentVolumeClaimTemplate': { '': 'A claim to be made.', metadata: 'Labels and annotations for the claim.', spec: 'What the claim asks for.' },
  'core.v1.PersistentVolumeClaimSpec': {
    '': 'What a claim asks for.',
    accessModes: 'How the volume may be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod.',
    dataSource: 'A snapshot or claim to begin with the content of.',
    dataSourceRef: 'Any object to begin with the content of; a group that is not core is allowed.',
    resources: 'How large the volume must be.',
    selector: 'Volumes by label.',
    storageClassName: 'The storage class; the default one if absent.',
    volumeAttributesClassName: 'The class of attributes that can be changed.',
    volumeMode: 'Filesystem (the default) or Block.',
    volumeName: 'The volume that the claim has.',
  },
  'core.v1.VolumeResourceRequirements': { '': 'How large a volume must be.', limits, requests },
  'core.v1.TypedLocalObjectReference': {
    '': 'An object in the same namespace.', apiGroup: 'Its group; absent for the core group.', kind: 'Its kind.', name: 'Its name.',
  },
  'core.v1.TypedObjectReference': {
    '': 'An object.', apiGroup: 'Its group; absent for the core group.', kind: 'Its kind.', name: 'Its name.', namespace: 'Its namespace; default the same.',
  },
  'core.v1.PhotonPersistentDiskVolumeSource': { '': 'A disk of a Photon controller.', fsType, pdID: 'Identity of the disk.' },
  'core.v1.PortworxVolumeSource': { '': 'A Portworx volume.', fsType, readOnly, volumeID: 'Identity of the volume.' },
  'core.v1.QuobyteVolumeSource': {
    '': 'A Quobyte volume.',
    group: 'Group to map access to.',
    readOnly,
    registry: 'Addresses of the registry services, with commas.',
    tenant: 'Tenant that owns the volume.',
    user: 'User to map access to.',
    volume: 'Name of the volume.',
  },
  'core.v1.RBDVolumeSource': {
    '': 'A Rados block device.',
    fsType,
    image: 'Name of the image.',
    keyring: 'Path of the key ring on the node. Default /etc/ceph/keyring.',
    monitors: 'Addresses of the monitors.',
    pool: 'Pool of the image. Default rbd.',
    readOnly,
    secretRef: 'Secret to use instead of the key ring.',
    user: 'User to map as. Default admin.',
  },
  'core.v1.ScaleIOVolumeSource': {
    '': 'A ScaleIO volume.',
    fsType,
    gateway: 'Address of the gateway.',
    protectionDomain: 'Protection domain of the storage.',
    readOnly,
    secretRef: 'Secret with the credentials.',
    sslEnabled: 'Whether to talk to the gateway over TLS.',
    storageMode: 'ThickProvisioned or ThinProvisioned (the default).',
    storagePool: 'Pool of the storage.',
    system: 'Name of the storage system.',
    volumeName: 'Name of the volume.',
  },
  'core.v1.StorageOSVolumeSource': {
    '': 'A StorageOS volume.', fsType, readOnly, secretRef: 'Secret with the credentials.', volumeName: 'Name of the volume.', volumeNamespace: 'StorageOS\' namespace of the volume; default that of the pod.',
  },
  'core.v1.VsphereVirtualDiskVolumeSource': {
    '': 'A disk of vSphere.', fsType, storagePolicyID: 'Identity of the storage policy.', storagePolicyName: 'Name of the storage policy.', volumePath: 'Path of the disk.',
  },
};
