import { readFileSync, statSync } from 'node:fs';
import type { FieldError } from '@podling/shared/api';
import { asSchema, decode, defaultKubeletConfiguration, KubeletConfigurationSchema, type KubeletConfiguration, type SchemaNode } from '@podling/shared/scheme';
import { parseYaml, type ParsedYaml } from '@podling/shared/yaml';
import { actedOn } from './acted-on.ts';

const apiVersion = 'kubelet.config.k8s.io/v1beta1';
const kind = 'KubeletConfiguration';
const sizeLimitBytes = 128 * 1024;

/** The configuration cannot be used; the message names the first value of a wrong type, else every fault of one sort. */
export class ConfigurationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfigurationError';
  }
}

export interface ConfigurationFile {
  configuration: KubeletConfiguration;
  /** Paths of the fields that are set and that this kubelet does not act on. */
  ignored: string[];
}

/**
 * `kubelet --config`: YAML or JSON, decoded strictly, without defaults. Throws {@link ConfigurationError}.
 * Upstream twin: kubelet `configfiles.Loader`.
 */
export function readConfigurationFile(path: string): ConfigurationFile {
  try {
    const configuration = decodeConfiguration(readText(path));
    return { configuration, ignored: ignoredFields(configuration) };
  } catch (cause) {
    throw new ConfigurationError(`failed to load Kubelet config file ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Throws {@link ConfigurationError} with all violations. */
export function refuseInvalid(errors: readonly Pick<FieldError, 'field' | 'message'>[]): void {
  if (errors.length === 0) return;
  const listed = errors.map(({ field, message }) => `${field}: ${message}`);
  throw new ConfigurationError(`invalid Kubelet configuration: ${listed.length === 1 ? listed.join('') : `[${listed.join(', ')}]`}`);
}

function readText(path: string): Buffer {
  const { size } = statSync(path);
  if (size > sizeLimitBytes) throw new ConfigurationError(`${size} bytes are more than the limit of ${sizeLimitBytes}`);
  return readFileSync(path);
}

function decodeConfiguration(bytes: Buffer): KubeletConfiguration {
  const { value, repeated } = parse(bytes);
  const { object, unknownFields } = decode(KubeletConfigurationSchema, value);
  const configuration = object as KubeletConfiguration;
  if (configuration.kind !== kind || configuration.apiVersion !== apiVersion) {
    throw new ConfigurationError(`no kind ${JSON.stringify(configuration.kind ?? '')} in version ${JSON.stringify(configuration.apiVersion ?? '')}: give apiVersion: ${apiVersion} and kind: ${kind}`);
  }
  const faults = [...repeated, ...unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`)];
  if (faults.length > 0) throw new ConfigurationError(`strict decoding error: ${faults.join(', ')}`);
  return configuration;
}

/** JSON is YAML too. */
function parse(bytes: Buffer): ParsedYaml {
  const parsed = parseYaml(bytes);
  if (parsed.value === null || parsed.value === undefined) throw new ConfigurationError('the file is empty');
  return parsed;
}

/** Paths of what is set and not acted on; a zero value says nothing where it is the default or stands for it. */
function ignoredFields(configuration: object): string[] {
  return setPaths(asSchema(KubeletConfigurationSchema), configuration, defaultKubeletConfiguration({}), '').filter((path) => !actsOn(path));
}

export function actsOn(path: string): boolean {
  return actedOn.some((known) => path === known || path.startsWith(`${known}.`));
}

function setPaths({ properties }: SchemaNode, value: unknown, standard: unknown, path: string): string[] {
  if (value === undefined || value === '0s' || (isZero(value) && isZero(standard))) return [];
  if (!properties || typeof value !== 'object' || value === null) return [path];
  const at = (object: unknown, key: string): unknown => (object as Record<string, unknown> | undefined)?.[key];
  return Object.entries(properties).flatMap(([key, property]) => setPaths(property, at(value, key), at(standard, key), path === '' ? key : `${path}.${key}`));
}

function isZero(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false || value === '0' || value === '0s') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
