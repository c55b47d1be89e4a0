import type { Static } from 'typebox';
import { ObjectFieldSelectorSchema, ResourceFieldSelectorSchema, type ObjectFieldSelector, type ResourceFieldSelector } from './env.ts';
import { LabelSelectorSchema, type LabelSelector } from './object-meta.ts';
import { boolean, int32, int64, keepEmpty, list, model, named, string, stringMap } from './schema.ts';

export const KeyToPathSchema = model('core.v1.KeyToPath', { key: string, path: string }, { mode: keepEmpty(int32) });
export interface KeyToPath extends Static<typeof KeyToPathSchema> {}

const items = list(named<KeyToPath>(KeyToPathSchema));

export const DownwardAPIVolumeFileSchema = model(
  'core.v1.DownwardAPIVolumeFile',
  { path: string },
  {
    fieldRef: named<ObjectFieldSelector>(ObjectFieldSelectorSchema),
    resourceFieldRef: named<ResourceFieldSelector>(ResourceFieldSelectorSchema),
    mode: keepEmpty(int32),
  },
);
export interface DownwardAPIVolumeFile extends Static<typeof DownwardAPIVolumeFileSchema> {}

export const SecretVolumeSourceSchema = model('core.v1.SecretVolumeSource', {}, { secretName: string, items, defaultMode: keepEmpty(int32), optional: keepEmpty(boolean) });
export interface SecretVolumeSource extends Static<typeof SecretVolumeSourceSchema> {}

export const ConfigMapVolumeSourceSchema = model('core.v1.ConfigMapVolumeSource', {}, { name: string, items, defaultMode: keepEmpty(int32), optional: keepEmpty(boolean) }, { defaults: { name: '' } });
export interface ConfigMapVolumeSource extends Static<typeof ConfigMapVolumeSourceSchema> {}

const downwardItems = list(named<DownwardAPIVolumeFile>(DownwardAPIVolumeFileSchema));

export const DownwardAPIVolumeSourceSchema = model('core.v1.DownwardAPIVolumeSource', {}, { items: downwardItems, defaultMode: keepEmpty(int32) });
export interface DownwardAPIVolumeSource extends Static<typeof DownwardAPIVolumeSourceSchema> {}

export const VolumeProjectionSchema = model(
  'core.v1.VolumeProjection',
  {},
  {
    secret: model('core.v1.SecretProjection', {}, { name: string, items, optional: keepEmpty(boolean) }, { defaults: { name: '' } }),
    downwardAPI: model('core.v1.DownwardAPIProjection', {}, { items: downwardItems }),
    configMap: model('core.v1.ConfigMapProjection', {}, { name: string, items, optional: keepEmpty(boolean) }, { defaults: { name: '' } }),
    serviceAccountToken: model('core.v1.ServiceAccountTokenProjection', { path: string }, { audience: string, expirationSeconds: keepEmpty(int64) }),
    clusterTrustBundle: model(
      'core.v1.ClusterTrustBundleProjection',
      { path: string },
      { name: keepEmpty(string), signerName: keepEmpty(string), labelSelector: named<LabelSelector>(LabelSelectorSchema), optional: keepEmpty(boolean) },
    ),
    podCertificate: model(
      'core.v1.PodCertificateProjection',
      { signerName: string, keyType: string },
      { maxExpirationSeconds: keepEmpty(int32), credentialBundlePath: string, keyPath: string, certificateChainPath: string, userAnnotations: stringMap },
      { defaults: { signerName: undefined, keyType: undefined } },
    ),
  },
);
export interface VolumeProjection extends Static<typeof VolumeProjectionSchema> {}

export const ProjectedVolumeSourceSchema = model(
  'core.v1.ProjectedVolumeSource',
  {},
  { sources: list(named<VolumeProjection>(VolumeProjectionSchema)), defaultMode: keepEmpty(int32) },
);
export interface ProjectedVolumeSource extends Static<typeof ProjectedVolumeSourceSchema> {}
