import type { Container, PodSpec, Volume } from '@podling/shared/api';
import { generateName } from '../../registry/rest/before-create.ts';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const volumePrefix = 'kube-api-access-';
const tokenSeconds = 3607;

function tokenVolume(name: string): Volume {
  const fieldRef = { apiVersion: 'v1', fieldPath: 'metadata.namespace' };
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: tokenSeconds } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef }] } },
      ],
    },
  };
}

/** False for a container that has something of its own at the token's place. */
function mount(container: Container, name: string): boolean {
  const { volumeMounts = [] } = container;
  if (volumeMounts.some((present) => present.mountPath === mountPath)) return false;
  container.volumeMounts = [...volumeMounts, { name, readOnly: true, mountPath }];
  return true;
}

/** Mounts the account's token, the cluster's CA and the namespace into every container. */
export function mountServiceAccountToken(spec: PodSpec): void {
  const { volumes = [], initContainers = [], containers } = spec;
  const present = volumes.find((volume) => volume.name.startsWith(volumePrefix))?.name;
  const name = present ?? generateName(volumePrefix);
  const mounted = [...initContainers, ...containers].map((container) => mount(container, name)).includes(true);
  if (mounted && present === undefined) spec.volumes = [...volumes, tokenVolume(name)];
}
