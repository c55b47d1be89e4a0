import type { Static } from 'typebox';
import {
  ConfigMapVolumeSourceSchema, DownwardAPIVolumeSourceSchema, ProjectedVolumeSourceSchema, SecretVolumeSourceSchema,
  type ConfigMapVolumeSource, type DownwardAPIVolumeSource, type ProjectedVolumeSource, type SecretVolumeSource,
} from './projected-volume.ts';
import { remoteVolumeSources } from './remote-volumes.ts';
import { keepEmpty, model, named, oneOf, quantity, string } from './schema.ts';

export const HostPathVolumeSourceSchema = model(
  'core.v1.HostPathVolumeSource',
  { path: string },
  { type: keepEmpty(oneOf('', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket')) },
);
export interface HostPathVolumeSource extends Static<typeof HostPathVolumeSourceSchema> {}

/** `medium`: '' (the node's disk), `Memory`, `HugePages` or `HugePages-<size>`. */
export const EmptyDirVolumeSourceSchema = model('core.v1.EmptyDirVolumeSource', {}, { medium: string, sizeLimit: quantity });
export interface EmptyDirVolumeSource extends Static<typeof EmptyDirVolumeSourceSchema> {}

export const ImageVolumeSourceSchema = model('core.v1.ImageVolumeSource', {}, { reference: string, pullPolicy: oneOf('Always', 'IfNotPresent', 'Never') });
export interface ImageVolumeSource extends Static<typeof ImageVolumeSourceSchema> {}

export const volumeSources = {
  hostPath: named<HostPathVolumeSource>(HostPathVolumeSourceSchema),
  emptyDir: named<EmptyDirVolumeSource>(EmptyDirVolumeSourceSchema),
  secret: named<SecretVolumeSource>(SecretVolumeSourceSchema),
  configMap: named<ConfigMapVolumeSource>(ConfigMapVolumeSourceSchema),
  downwardAPI: named<DownwardAPIVolumeSource>(DownwardAPIVolumeSourceSchema),
  projected: named<ProjectedVolumeSource>(ProjectedVolumeSourceSchema),
  image: named<ImageVolumeSource>(ImageVolumeSourceSchema),
  ...remoteVolumeSources,
};

export const VolumeSchema = model('core.v1.Volume', { name: string }, volumeSources);
export interface Volume extends Static<typeof VolumeSchema> {}
