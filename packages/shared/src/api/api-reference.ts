import type { PodSpec } from './pod.ts';
import { podReferences } from './pod-references.ts';
import type { VolumeProjection } from './projected-volume.ts';

const volumeKinds = {
  csi: 'csidrivers (via CSI volumes)', glusterfs: 'endpoints (via glusterFS volumes)', persistentVolumeClaim: 'persistentvolumeclaims',
  ephemeral: 'persistentvolumeclaims (via ephemeral volumes)', azureFile: 'secrets (via azureFile volumes)',
} as const;

function projectedKind({ serviceAccountToken, clusterTrustBundle, podCertificate }: VolumeProjection): string | undefined {
  if (serviceAccountToken) return 'serviceaccounts (via projected volumes)';
  if (clusterTrustBundle) return 'clustertrustbundles';
  return podCertificate ? 'podcertificates' : undefined;
}

/** The first kind of API object that a pod refers to; a pod that only its kubelet knows may refer to none. */
export function apiReferenceOf(spec: PodSpec): string | undefined {
  const { secrets, configMaps } = podReferences(spec);
  if (spec.serviceAccountName) return 'serviceaccounts';
  if (secrets.size > 0) return 'secrets';
  if (configMaps.size > 0) return 'configmaps';
  if ((spec.resourceClaims ?? []).length > 0) return 'resourceclaims';
  for (const volume of spec.volumes ?? []) {
    const own = Object.entries(volumeKinds).find(([source]) => volume[source as keyof typeof volumeKinds] !== undefined)?.[1];
    const found = own ?? volume.projected?.sources?.map(projectedKind).find((kind) => kind !== undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}
