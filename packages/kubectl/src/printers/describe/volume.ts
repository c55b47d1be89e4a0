import type { Volume } from '@podling/shared/api';
import { field } from './description.ts';
import type { Entry } from './description.ts';

type ProjectedSource = NonNullable<NonNullable<Volume['projected']>['sources']>[number];

const type = (text: string): Entry => field('Type', text);
const isOptional = (source: { optional?: boolean }): Entry => field('Optional', source.optional ?? false);

function projectedEntries({ secret, downwardAPI, configMap, serviceAccountToken }: ProjectedSource): Entry[] {
  if (secret) return [field('SecretName', secret.name), isOptional(secret)];
  if (downwardAPI) return [field('DownwardAPI', true)];
  if (configMap) return [field('ConfigMapName', configMap.name), isOptional(configMap)];
  return serviceAccountToken ? [field('TokenExpirationSeconds', serviceAccountToken.expirationSeconds)] : [];
}

function downwardEntries({ items = [] }: NonNullable<Volume['downwardAPI']>): Entry[] {
  const lines = items.map(({ path, fieldRef, resourceFieldRef }) => `${fieldRef?.fieldPath ?? resourceFieldRef?.resource ?? ''} -> ${path}`);
  return [type('DownwardAPI (a volume populated by information about the pod)'), { label: 'Items', items: lines }];
}

function sourceEntries(volume: Volume): Entry[] {
  const { emptyDir, hostPath, configMap, secret, projected, downwardAPI, image } = volume;
  if (emptyDir) {
    return [type("EmptyDir (a temporary directory that shares a pod's lifetime)"), { label: 'Medium', value: emptyDir.medium ?? '' }, field('SizeLimit', emptyDir.sizeLimit ?? '<unset>')];
  }
  if (hostPath) return [type('HostPath (bare host directory volume)'), field('Path', hostPath.path), { label: 'HostPathType', value: hostPath.type ?? '' }];
  if (configMap) return [type('ConfigMap (a volume populated by a ConfigMap)'), field('Name', configMap.name), isOptional(configMap)];
  if (secret) return [type('Secret (a volume populated by a Secret)'), field('SecretName', secret.secretName), isOptional(secret)];
  if (projected) return [type('Projected (a volume that contains injected data from multiple sources)'), ...(projected.sources ?? []).flatMap(projectedEntries)];
  if (downwardAPI) return downwardEntries(downwardAPI);
  if (image) return [type('Image (a container image or OCI artifact)'), field('Reference', image.reference), field('PullPolicy', image.pullPolicy)];
  return [type(Object.keys(volume).find((key) => key !== 'name') ?? '<unknown>')];
}

export function volumeEntry(volume: Volume): Entry {
  return { label: volume.name, children: sourceEntries(volume) };
}
