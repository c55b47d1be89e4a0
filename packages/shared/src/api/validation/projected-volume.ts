import type { FieldError } from '../errors.ts';
import type { DownwardAPIVolumeFile, DownwardAPIVolumeSource, KeyToPath, ProjectedVolumeSource, VolumeProjection } from '../projected-volume.ts';
import { validateClusterTrustBundle, validatePodCertificate } from './certificate-projection.ts';
import { checkRequired, eachOf, forbidden, invalid, required } from './field-errors.ts';
import { validateFieldRef, validateResourceRef } from './field-reference.ts';
import { checkFileName } from './paths.ts';
import { TakenPaths } from './taken-paths.ts';

const downwardFields = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];

function checkMode(mode: number | undefined, path: string): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return [];
  return [invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

const checkFile = (path: string, file: string) => (file === '' ? [required(path)] : checkFileName(path, file));

/** The files of a Secret or a ConfigMap. */
export function validateFiles({ items, defaultMode }: { items?: KeyToPath[]; defaultMode?: number }, path: string): FieldError[] {
  return [...checkMode(defaultMode, `${path}.defaultMode`), ...eachOf(items, `${path}.items`, validateKeyToPath)];
}

function validateKeyToPath({ key, path: file, mode }: KeyToPath, path: string): FieldError[] {
  return [...checkRequired(`${path}.key`, key), ...checkFile(`${path}.path`, file), ...checkMode(mode, `${path}.mode`)];
}

/** Violations of files name the volume, as in Kubernetes. */
export function validateDownwardFiles({ items, defaultMode }: DownwardAPIVolumeSource, path: string): FieldError[] {
  return [...checkMode(defaultMode, `${path}.defaultMode`), ...eachOf(items, path, (file) => validateDownwardFile(file, path))];
}

function validateDownwardFile(file: DownwardAPIVolumeFile, path: string): FieldError[] {
  return [...checkFile(`${path}.path`, file.path), ...validateDownwardSource(file, path), ...checkMode(file.mode, `${path}.mode`)];
}

function validateDownwardSource({ fieldRef, resourceFieldRef }: DownwardAPIVolumeFile, path: string): FieldError[] {
  if (!fieldRef) {
    return resourceFieldRef
      ? validateResourceRef(resourceFieldRef, `${path}.resourceFieldRef`, true)
      : [required(path, 'one of fieldRef and resourceFieldRef is required')];
  }
  const both = 'fieldRef and resourceFieldRef can not be specified simultaneously';
  return [...validateFieldRef(fieldRef, downwardFields, `${path}.fieldRef`), ...(resourceFieldRef ? [invalid(path, 'resource', both)] : [])];
}

export function validateProjections({ sources, defaultMode }: ProjectedVolumeSource, path: string): FieldError[] {
  const taken = new TakenPaths(path);
  return [
    ...checkMode(defaultMode, `${path}.defaultMode`),
    ...eachOf(sources, `${path}.sources`, (projection, at) => [
      ...validateObject(projection.secret, taken, `${at}.secret`),
      ...validateObject(projection.configMap, taken, `${at}.configMap`),
      ...eachOf(projection.downwardAPI?.items, at, (file) => [
        ...validateDownwardFile(file, `${at}.downwardAPI`), ...(file.path === '' ? [] : taken.take(file.path)),
      ]),
      ...validateToken(projection.serviceAccountToken, `${at}.serviceAccountToken`, path),
      ...(projection.clusterTrustBundle ? validateClusterTrustBundle(projection.clusterTrustBundle, taken, `${at}.clusterTrustBundle`) : []),
      ...(projection.podCertificate ? validatePodCertificate(projection.podCertificate, taken, `${at}.podCertificate`) : []),
      ...(Object.keys(projection).length > 1 ? [forbidden(at, 'may not specify more than 1 volume type per source')] : []),
    ]),
  ];
}

function validateObject(source: VolumeProjection['secret'], taken: TakenPaths, path: string): FieldError[] {
  if (!source) return [];
  return [
    ...checkRequired(`${path}.name`, source.name),
    ...eachOf(source.items, `${path}.items`, (item, at) => [
      ...validateKeyToPath(item, at), ...(item.path === '' ? [] : taken.take(item.path, source.name ?? '')),
    ]),
  ];
}

const MIN_TOKEN_SECONDS = 600;
const MAX_TOKEN_SECONDS = 2 ** 32;

/** Violations of a token's path name the volume's. */
function validateToken(token: VolumeProjection['serviceAccountToken'], path: string, volumePath: string): FieldError[] {
  if (!token) return [];
  const { expirationSeconds: seconds = MIN_TOKEN_SECONDS } = token;
  const at = `${path}.expirationSeconds`;
  return [
    ...(seconds < MIN_TOKEN_SECONDS ? [invalid(at, seconds, 'may not specify a duration less than 10 minutes')] : []),
    ...(seconds > MAX_TOKEN_SECONDS ? [invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds')] : []),
    ...checkFile(`${volumePath}.path`, token.path),
  ];
}
