import type { EnvFromSource, EnvVar, EnvVarSource } from '../env.ts';
import type { FieldError } from '../errors.ts';
import { isConfigMapKey, isDNS1123Subdomain, isEnvVarName, isQualifiedName } from '../names.ts';
import { checkOptional, checkRequired, eachOf, invalid, notSupported } from './field-errors.ts';

const fieldPaths = [
  'metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs',
  'status.podIP', 'status.podIPs',
];
const resources = [
  'limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory',
];

export function validateEnv(variables: EnvVar[] | undefined, path: string): FieldError[] {
  return eachOf(variables, path, ({ name, value, valueFrom }, at) => [
    ...checkRequired(`${at}.name`, name, isEnvVarName),
    ...(valueFrom ? validateSource(valueFrom, value, `${at}.valueFrom`) : []),
  ]);
}

function validateSource(source: EnvVarSource, value: string | undefined, path: string): FieldError[] {
  const given = Object.keys(source).length;
  const errors: FieldError[] = [];
  if (given === 0) {
    const choices = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    errors.push(invalid(path, '', `must specify one of: ${choices}`));
  } else if (value) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  if (given > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
  return [...errors, ...validateReference(source, path)];
}

function validateReference(source: EnvVarSource, path: string): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  const key = (name: string, selector: { key: string } | undefined) =>
    selector ? checkRequired(`${path}.${name}.key`, selector.key, isConfigMapKey) : [];
  return [
    ...(fieldRef ? validateFieldPath(fieldRef.fieldPath, `${path}.fieldRef.fieldPath`) : []),
    ...(resourceFieldRef ? validateResourceName(resourceFieldRef.resource, `${path}.resourceFieldRef.resource`) : []),
    ...key('configMapKeyRef', configMapKeyRef),
    ...key('secretKeyRef', secretKeyRef),
    ...(fileKeyRef ? checkRequired(`${path}.fileKeyRef.volumeName`, fileKeyRef.volumeName) : []),
    ...(fileKeyRef ? checkRequired(`${path}.fileKeyRef.path`, fileKeyRef.path) : []),
    ...(fileKeyRef ? checkRequired(`${path}.fileKeyRef.key`, fileKeyRef.key) : []),
  ];
}

function validateFieldPath(fieldPath: string, path: string): FieldError[] {
  if (fieldPath === '') return checkRequired(path, fieldPath);
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/s.exec(fieldPath);
  if (subscript) return isQualifiedName(subscript[2] ?? '').map((reason) => invalid(path, fieldPath, reason));
  return fieldPaths.includes(fieldPath) ? [] : [notSupported(path, fieldPath, fieldPaths)];
}

function validateResourceName(resource: string, path: string): FieldError[] {
  if (resource === '') return checkRequired(path, resource);
  const isHugePages = /^(limits|requests)\.hugepages-/.test(resource);
  return resources.includes(resource) || isHugePages ? [] : [notSupported(path, resource, resources)];
}

export function validateEnvFrom(sources: EnvFromSource[] | undefined, path: string): FieldError[] {
  return eachOf(sources, path, ({ prefix, configMapRef, secretRef }, at) => [
    ...checkOptional(`${at}.prefix`, prefix, isEnvVarName),
    ...(configMapRef ? checkRequired(`${at}.configMapRef.name`, configMapRef.name, isDNS1123Subdomain) : []),
    ...(secretRef ? checkRequired(`${at}.secretRef.name`, secretRef.name, isDNS1123Subdomain) : []),
    ...(configMapRef || secretRef ? [] : [invalid(at, '', 'must specify one of: `configMapRef` or `secretRef`')]),
    ...(configMapRef && secretRef ? [invalid(at, '', 'may not have more than one field specified at a time')] : []),
  ]);
}
