import type { ConfigMap } from '../config-map.ts';
import type { FieldError } from '../errors.ts';
import { DATA_LIMIT_BYTES, decodedBytes, validateDataKeys, validateImmutable } from './data-keys.ts';
import { invalid, tooLong } from './field-errors.ts';
import { validateMeta, validateMetaUpdate } from './object-meta.ts';

export function validateConfigMap(map: ConfigMap): FieldError[] {
  return [...validateMeta(map.metadata, { namespaced: true }), ...validateContent(map)];
}

export function validateConfigMapUpdate(next: ConfigMap, previous: ConfigMap): FieldError[] {
  return [
    ...validateMetaUpdate(next.metadata, previous.metadata),
    ...validateImmutable(next, previous, ['data', 'binaryData']),
    ...validateContent(next),
  ];
}

function validateContent({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const inBoth = Object.keys(data).filter((key) => Object.hasOwn(binaryData, key));
  const text = Object.values(data).reduce((total, value) => total + Buffer.byteLength(value), 0);
  return [
    ...validateDataKeys(data, 'data'),
    ...inBoth.map((key) => invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...validateDataKeys(binaryData, 'binaryData'),
    ...(text + decodedBytes(binaryData) > DATA_LIMIT_BYTES ? [tooLong('[]', DATA_LIMIT_BYTES)] : []),
  ];
}
