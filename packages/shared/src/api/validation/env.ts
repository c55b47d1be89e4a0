import type { EnvFromSource, EnvVar, EnvVarSource, FileKeySelector } from '../env.ts';
import type { FieldError } from '../errors.ts';
import { isConfigMapKey, isDNS1123Label, isDNS1123Subdomain, isEnvVarName } from '../names.ts';
import { check, checkOptional, checkRequired, eachOf, invalid, required } from './field-errors.ts';
import { validateFieldRef, validateResourceRef } from './field-reference.ts';
import { checkNoBacksteps } from './paths.ts';

const fieldPaths = [
  'metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs',
  'status.podIP', 'status.podIPs',
];
const choices = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';

export function validateEnv(variables: EnvVar[] | undefined, path: string): FieldError[] {
  return eachOf(variables, path, ({ name, value, valueFrom }, at) => [
    ...checkRequired(`${at}.name`, name, isEnvVarName),
    ...(valueFrom ? validateSource(valueFrom, value, `${at}.valueFrom`) : []),
  ]);
}

function validateSource(source: EnvVarSource, value: string | undefined, path: string): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  return [
    ...(fieldRef ? validateFieldRef(fieldRef, fieldPaths, `${path}.fieldRef`) : []),
    ...(resourceFieldRef ? validateResourceRef(resourceFieldRef, `${path}.resourceFieldRef`, false) : []),
    ...validateKey(configMapKeyRef, `${path}.configMapKeyRef`),
    ...validateKey(secretKeyRef, `${path}.secretKeyRef`),
    ...(fileKeyRef ? validateFileKey(fileKeyRef, `${path}.fileKeyRef`) : []),
    ...validateCount(Object.keys(source).length, value, path),
  ];
}

function validateCount(given: number, value: string | undefined, path: string): FieldError[] {
  if (given === 0) return [invalid(path, '', `must specify one of: ${choices}`)];
  if (value) return [invalid(path, '', 'may not be specified when `value` is not empty')];
  return given > 1 ? [invalid(path, '', 'may not have more than one field specified at a time')] : [];
}

function validateKey(selector: { name?: string; key: string } | undefined, path: string): FieldError[] {
  if (!selector) return [];
  return [...check(`${path}.name`, selector.name ?? '', isDNS1123Subdomain), ...checkRequired(`${path}.key`, selector.key, isConfigMapKey)];
}

function validateFileKey({ key, volumeName, path: file }: FileKeySelector, path: string): FieldError[] {
  return [
    ...checkRequired(`${path}.key`, key, isEnvVarName),
    ...checkRequired(`${path}.volumeName`, volumeName, isDNS1123Label),
    ...(file === '' ? [required(`${path}.path`)] : checkNoBacksteps(`${path}.path`, file)),
  ];
}

export function validateEnvFrom(sources: EnvFromSource[] | undefined, path: string): FieldError[] {
  return eachOf(sources, path, ({ prefix, configMapRef, secretRef }, at) => [
    ...checkOptional(`${at}.prefix`, prefix, isEnvVarName),
    ...(configMapRef ? checkRequired(`${at}.configMapRef.name`, configMapRef.name, isDNS1123Subdomain) : []),
    ...(secretRef ? checkRequired(`${at}.secretRef.name`, secretRef.name, isDNS1123Subdomain) : []),
    ...(configMapRef || secretRef ? [] : [invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`')]),
    ...(configMapRef && secretRef ? [invalid(path, '', 'may not have more than one field specified at a time')] : []),
  ]);
}
