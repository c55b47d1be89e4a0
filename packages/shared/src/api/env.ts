import type { Static } from 'typebox';
import { boolean, keepEmpty, model, named, quantity, string } from './schema.ts';

export const ObjectFieldSelectorSchema = model('core.v1.ObjectFieldSelector', { fieldPath: string }, { apiVersion: string }, { mapType: 'atomic' });
export interface ObjectFieldSelector extends Static<typeof ObjectFieldSelectorSchema> {}

export const ResourceFieldSelectorSchema = model('core.v1.ResourceFieldSelector', { resource: string }, { containerName: string, divisor: quantity }, { mapType: 'atomic' });
export interface ResourceFieldSelector extends Static<typeof ResourceFieldSelectorSchema> {}

export const ConfigMapKeySelectorSchema = model('core.v1.ConfigMapKeySelector', { key: string }, { name: string, optional: keepEmpty(boolean) }, { mapType: 'atomic', defaults: { name: '' } });
export interface ConfigMapKeySelector extends Static<typeof ConfigMapKeySelectorSchema> {}

export const SecretKeySelectorSchema = model('core.v1.SecretKeySelector', { key: string }, { name: string, optional: keepEmpty(boolean) }, { mapType: 'atomic', defaults: { name: '' } });
export interface SecretKeySelector extends Static<typeof SecretKeySelectorSchema> {}

export const FileKeySelectorSchema = model('core.v1.FileKeySelector', { volumeName: string, path: string, key: string }, { optional: keepEmpty(boolean) }, { mapType: 'atomic', defaults: { optional: false } });
export interface FileKeySelector extends Static<typeof FileKeySelectorSchema> {}

export const EnvVarSourceSchema = model(
  'core.v1.EnvVarSource',
  {},
  {
    fieldRef: named<ObjectFieldSelector>(ObjectFieldSelectorSchema),
    resourceFieldRef: named<ResourceFieldSelector>(ResourceFieldSelectorSchema),
    configMapKeyRef: named<ConfigMapKeySelector>(ConfigMapKeySelectorSchema),
    secretKeyRef: named<SecretKeySelector>(SecretKeySelectorSchema),
    fileKeyRef: named<FileKeySelector>(FileKeySelectorSchema),
  },
);
export interface EnvVarSource extends Static<typeof EnvVarSourceSchema> {}

export const EnvVarSchema = model('core.v1.EnvVar', { name: string }, { value: string, valueFrom: named<EnvVarSource>(EnvVarSourceSchema) });
export interface EnvVar extends Static<typeof EnvVarSchema> {}

const ConfigMapEnvSourceSchema = model('core.v1.ConfigMapEnvSource', {}, { name: string, optional: keepEmpty(boolean) }, { defaults: { name: '' } });
const SecretEnvSourceSchema = model('core.v1.SecretEnvSource', {}, { name: string, optional: keepEmpty(boolean) }, { defaults: { name: '' } });

export const EnvFromSourceSchema = model(
  'core.v1.EnvFromSource',
  {},
  { prefix: string, configMapRef: ConfigMapEnvSourceSchema, secretRef: SecretEnvSourceSchema },
);
export interface EnvFromSource extends Static<typeof EnvFromSourceSchema> {}
