import type { Volume } from '@podling/shared/api';
import { field } from './description.ts';
import type { Entry } from './description.ts';

function sourceEntries(volume: Volume): Entry[] {
  const { emptyDir, hostPath, configMap, secret } = volume;
  if (emptyDir !== undefined) {
    const type = field('Type', "EmptyDir (a temporary directory that shares a pod's lifetime)");
    return [type, { label: 'Medium', value: emptyDir.medium ?? '' }, field('SizeLimit', emptyDir.sizeLimit ?? '<unset>')];
  }
  if (hostPath !== undefined) {
    return [field('Type', 'HostPath (bare host directory volume)'), field('Path', hostPath.path), { label: 'HostPathType', value: hostPath.type ?? '' }];
  }
  if (configMap !== undefined) return [field('Type', 'ConfigMap (a volume populated by a ConfigMap)'), field('Name', configMap.name)];
  if (secret !== undefined) return [field('Type', 'Secret (a volume populated by a Secret)'), field('SecretName', secret.secretName)];
  const source = Object.keys(volume).find((key) => key !== 'name');
  return [field('Type', source ?? '<unknown>')];
}

export function volumeEntry(volume: Volume): Entry {
  return { label: volume.name, children: sourceEntries(volume) };
}
