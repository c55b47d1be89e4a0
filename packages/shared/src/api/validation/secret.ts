import type { FieldError } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import type { Secret } from '../secret.ts';
import { DATA_LIMIT_BYTES, decodedBytes, validateDataKeys, validateImmutable } from './data-keys.ts';
import { invalid, required, tooLong } from './field-errors.ts';
import { immutableField, validateMeta, validateMetaUpdate } from './object-meta.ts';

type Rule = (secret: Secret) => FieldError[];

const present = (secret: Secret, key: string): boolean => Object.hasOwn(secret.data ?? {}, key);
const absent = (key: string): FieldError => required(`data[${key}]`);

/** Every key must be there; its value may be empty. */
const needs = (...keys: string[]): Rule => (secret) => keys.filter((key) => !present(secret, key)).map(absent);

const needsJson = (key: string): Rule => (secret) => {
  if (!present(secret, key)) return [absent(key)];
  const reason = jsonProblem(Buffer.from(secret.data?.[key] ?? '', 'base64').toString('utf8'));
  return reason === undefined ? [] : [invalid(`data[${key}]`, '<secret contents redacted>', reason)];
};

function jsonProblem(text: string): string | undefined {
  if (text === '') return 'unexpected end of JSON input';
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || isJsonObject(value)) return undefined;
    return `json: cannot unmarshal ${jsonType(value)} into Go value of type map[string]interface {}`;
  } catch (error) {
    const position = / at position (\d+)/.exec((error as Error).message)?.[1];
    const isCut = position === undefined || Number(position) >= text.length;
    return isCut ? 'unexpected end of JSON input' : `invalid character ${JSON.stringify(text.charAt(Number(position)))} at position ${position}`;
  }
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

const accountName = 'kubernetes.io/service-account.name';

/** What each of Kubernetes' own types asks for; any other type is free. */
const rules: Record<string, Rule> = {
  'kubernetes.io/service-account-token': ({ metadata }) => (metadata.annotations?.[accountName] ? [] : [required(`metadata.annotations[${accountName}]`)]),
  'kubernetes.io/dockercfg': needsJson('.dockercfg'),
  'kubernetes.io/dockerconfigjson': needsJson('.dockerconfigjson'),
  'kubernetes.io/basic-auth': (secret) => (['username', 'password'].some((key) => present(secret, key)) ? [] : needs('username', 'password')(secret)),
  'kubernetes.io/ssh-auth': ({ data }) => (data?.['ssh-privatekey'] ? [] : [absent('ssh-privatekey')]),
  'kubernetes.io/tls': needs('tls.crt', 'tls.key'),
};

export function validateSecret(secret: Secret): FieldError[] {
  return [...validateMeta(secret.metadata, { namespaced: true }), ...validateContent(secret)];
}

export function validateSecretUpdate(next: Secret, previous: Secret): FieldError[] {
  return [
    ...validateMetaUpdate(next.metadata, previous.metadata),
    ...immutableField('type', next.type, previous.type),
    ...validateImmutable(next, previous, ['data']),
    ...validateContent(next),
  ];
}

function validateContent(secret: Secret): FieldError[] {
  const { data, type = '' } = secret;
  const rule = Object.hasOwn(rules, type) ? rules[type] : undefined;
  return [
    ...validateDataKeys(data, 'data'),
    ...(decodedBytes(data) > DATA_LIMIT_BYTES ? [tooLong('data', DATA_LIMIT_BYTES)] : []),
    ...(rule?.(secret) ?? []),
  ];
}
