import type { FieldError } from '../errors.ts';
import { isConfigMapKey, isDNS1123Label, isDNS1123Subdomain } from '../names.ts';
import type { NodeConfigSource } from '../node-config-source.ts';
import type { NodeStatus } from '../node-status.ts';
import { checkRequired, forbidden, invalid, required } from './field-errors.ts';

type ConfigMapSource = NonNullable<NodeConfigSource['configMap']>;

/** In a spec nobody knows yet which version of the ConfigMap will be used. */
export function validateSpecConfigSource({ configMap }: NodeConfigSource, path: string): FieldError[] {
  const server = ['uid', 'resourceVersion'] as const;
  if (!configMap) return [invalid(path, { ConfigMap: null }, 'exactly one reference subfield must be non-nil')];
  return [
    ...server.filter((name) => configMap[name]).map((name) => forbidden(`${path}.configMap.${name}`, `${name} must not be set in spec`)),
    ...validateConfigMap(configMap, `${path}.configMap`),
  ];
}

export function validateConfigStatus(status: NonNullable<NodeStatus['config']>, path: string): FieldError[] {
  return (['assigned', 'active', 'lastKnownGood'] as const).flatMap((name) => {
    const source = status[name];
    return source ? validateStatusConfigSource(source, `${path}.${name}`) : [];
  });
}

function validateStatusConfigSource({ configMap }: NodeConfigSource, path: string): FieldError[] {
  if (!configMap) return [invalid(path, { ConfigMap: null }, 'exactly one reference subfield must be non-nil')];
  const at = `${path}.configMap`;
  const missing = (['uid', 'resourceVersion'] as const).filter((name) => !configMap[name]);
  return [...missing.map((name) => required(`${at}.${name}`)), ...validateConfigMap(configMap, at)];
}

function validateConfigMap({ namespace, name, kubeletConfigKey }: ConfigMapSource, path: string): FieldError[] {
  return [
    ...checkRequired(`${path}.namespace`, namespace, isDNS1123Label),
    ...checkRequired(`${path}.name`, name, isDNS1123Subdomain),
    ...checkRequired(`${path}.kubeletConfigKey`, kubeletConfigKey, isConfigMapKey),
  ];
}
