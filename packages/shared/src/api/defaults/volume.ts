import type { DownwardAPIVolumeFile, ProjectedVolumeSource, VolumeProjection } from '../projected-volume.ts';
import { volumeSources, type Volume } from '../volume.ts';
import { change, fill } from './fill.ts';
import { defaultPullPolicy } from './image.ts';

/** 0644, as the JSON number that Kubernetes stores. */
const FILE_MODE = 0o644;
const sourceNames = Object.keys(volumeSources) as (keyof typeof volumeSources)[];

/** A volume without any source is an emptyDir. */
export function defaultVolume(volume: Volume): Volume {
  if (!sourceNames.some((name) => volume[name] !== undefined)) return { ...volume, emptyDir: {} };
  return defaultRemoteVolume(defaultNodeVolume(volume));
}

function defaultNodeVolume(volume: Volume): Volume {
  let result = change(volume, 'hostPath', (source) => fill(source, { type: '' }));
  result = change(result, 'secret', (source) => fill(source, { defaultMode: FILE_MODE }));
  result = change(result, 'configMap', (source) => fill(source, { defaultMode: FILE_MODE }));
  result = change(result, 'downwardAPI', (source) =>
    change(fill(source, { defaultMode: FILE_MODE }), 'items', (files) => files.map(defaultDownwardFile)),
  );
  result = change(result, 'projected', defaultProjected);
  return change(result, 'image', (source) => fill(source, { pullPolicy: defaultPullPolicy(source.reference ?? '') }));
}

function defaultDownwardFile(file: DownwardAPIVolumeFile): DownwardAPIVolumeFile {
  return change(change(file, 'fieldRef', (ref) => fill(ref, { apiVersion: 'v1' })), 'resourceFieldRef', (ref) => fill(ref, { divisor: '0' }));
}

function defaultProjected(source: ProjectedVolumeSource): ProjectedVolumeSource {
  return change(fill(source, { defaultMode: FILE_MODE }), 'sources', (sources) => sources.map(defaultProjection));
}

function defaultProjection(projection: VolumeProjection): VolumeProjection {
  const withToken = change(projection, 'serviceAccountToken', (token) => fill(token, { expirationSeconds: 3600 }));
  return change(withToken, 'downwardAPI', (source) => change(source, 'items', (files) => files.map(defaultDownwardFile)));
}

function defaultRemoteVolume(volume: Volume): Volume {
  let result = change(volume, 'iscsi', (source) => fill(source, { iscsiInterface: 'default' }));
  result = change(result, 'rbd', (source) => fill(source, { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' }));
  result = change(result, 'azureDisk', (source) =>
    fill(source, { cachingMode: 'ReadWrite', kind: 'Shared', fsType: 'ext4', readOnly: false }),
  );
  result = change(result, 'ephemeral', (source) => change(source, 'volumeClaimTemplate', (template) => ({
    ...template, metadata: template.metadata ?? {}, spec: fill(template.spec, { volumeMode: 'Filesystem' }),
  })));
  return change(result, 'scaleIO', (source) => fill(source, { storageMode: 'ThinProvisioned', fsType: 'xfs' }));
}
