import type { Container } from './container.ts';
import type { PodSpec } from './pod.ts';
import type { Volume } from './volume.ts';

/** Names, in the pod's own namespace. */
export interface PodReferences {
  secrets: ReadonlySet<string>;
  configMaps: ReadonlySet<string>;
}

type Found = { secrets: (string | undefined)[]; configMaps: (string | undefined)[] };

function addContainer({ env = [], envFrom = [] }: Pick<Container, 'env' | 'envFrom'>, found: Found): void {
  for (const { valueFrom } of env) {
    found.secrets.push(valueFrom?.secretKeyRef?.name);
    found.configMaps.push(valueFrom?.configMapKeyRef?.name);
  }
  for (const { secretRef, configMapRef } of envFrom) {
    found.secrets.push(secretRef?.name);
    found.configMaps.push(configMapRef?.name);
  }
}

function addVolume(volume: Volume, found: Found): void {
  found.secrets.push(volume.secret?.secretName);
  found.configMaps.push(volume.configMap?.name);
  for (const { secret, configMap } of volume.projected?.sources ?? []) {
    found.secrets.push(secret?.name);
    found.configMaps.push(configMap?.name);
  }
}

const nameSet = (list: readonly (string | undefined)[]): ReadonlySet<string> => new Set(list.filter((name): name is string => Boolean(name)));

/** The secrets and config maps that a pod's containers and volumes use. Upstream twin: `podutil.VisitPodSecretNames` and its sibling. */
export function podReferences({ containers, initContainers = [], ephemeralContainers = [], volumes = [], imagePullSecrets = [] }: PodSpec): PodReferences {
  const found: Found = { secrets: imagePullSecrets.map(({ name }) => name), configMaps: [] };
  for (const container of [...containers, ...initContainers, ...ephemeralContainers]) addContainer(container, found);
  for (const volume of volumes) addVolume(volume, found);
  return { secrets: nameSet(found.secrets), configMaps: nameSet(found.configMaps) };
}
