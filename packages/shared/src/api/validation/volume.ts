import type { FieldError } from '../errors.ts';
import { isDNS1123Label } from '../names.ts';
import type { DownwardAPIVolumeFile, KeyToPath, VolumeProjection } from '../projected-volume.ts';
import { isQuantity, parseQuantity } from '../quantity.ts';
import { volumeSources, type Volume } from '../volume.ts';
import { checkRange, checkRequired, duplicate, duplicates, eachOf, forbidden, invalid, required } from './field-errors.ts';
import { checkFileName, checkNoBacksteps } from './paths.ts';

type SourceName = keyof typeof volumeSources;
const sourceNames = Object.keys(volumeSources) as SourceName[];

export function validateVolumes(volumes: Volume[] | undefined, path: string): FieldError[] {
  return [
    ...eachOf(volumes, path, validateVolume),
    ...duplicates(volumes, ({ name }) => name, ({ name }, index) => duplicate(`${path}[${index}].name`, name)),
  ];
}

function validateVolume(volume: Volume, path: string): FieldError[] {
  const [first, ...others] = sourceNames.filter((name) => volume[name] !== undefined);
  return [
    ...checkRequired(`${path}.name`, volume.name, isDNS1123Label),
    ...(first === undefined ? [required(path, 'must specify a volume type')] : validateSource(volume, first, `${path}.${first}`)),
    ...others.map((name) => forbidden(`${path}.${name}`, 'may not specify more than 1 volume type')),
  ];
}

type Validators = { [Name in SourceName]?: (source: NonNullable<Volume[Name]>, path: string) => FieldError[] };

const validators: Validators = {
  hostPath: (source, path) =>
    source.path === '' ? [required(`${path}.path`)] : checkNoBacksteps(`${path}.path`, source.path),
  emptyDir: ({ sizeLimit }, path) => {
    const isNegative = sizeLimit !== undefined && isQuantity(sizeLimit) && parseQuantity(sizeLimit) < 0n;
    return isNegative ? [forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')] : [];
  },
  secret: (source, path) => [...checkRequired(`${path}.secretName`, source.secretName), ...validateFiles(source, path)],
  configMap: (source, path) => [...checkRequired(`${path}.name`, source.name), ...validateFiles(source, path)],
  downwardAPI: (source, path) => [
    ...checkMode(source.defaultMode, `${path}.defaultMode`),
    ...eachOf(source.items, `${path}.items`, validateDownwardFile),
  ],
  projected: (source, path) => [
    ...checkMode(source.defaultMode, `${path}.defaultMode`),
    ...eachOf(source.sources, `${path}.sources`, validateProjection),
  ],
  persistentVolumeClaim: (source, path) => checkRequired(`${path}.claimName`, source.claimName),
  nfs: ({ server, path: directory }, path) => [
    ...checkRequired(`${path}.server`, server),
    ...checkRequired(`${path}.path`, directory),
    ...(directory === '' || directory.startsWith('/') ? [] : [invalid(`${path}.path`, directory, 'must be an absolute path')]),
  ],
  csi: (source, path) => checkRequired(`${path}.driver`, source.driver),
};

function validateSource<Name extends SourceName>(volume: Volume, name: Name, path: string): FieldError[] {
  const source = volume[name];
  return source === undefined ? [] : (validators[name]?.(source as NonNullable<Volume[Name]>, path) ?? []);
}

function checkMode(mode: number | undefined, path: string): FieldError[] {
  return checkRange(path, mode, 0, 0o777).map(() => invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive'));
}

interface Files {
  items?: KeyToPath[];
  defaultMode?: number;
}

function validateFiles({ items, defaultMode }: Files, path: string): FieldError[] {
  return [...checkMode(defaultMode, `${path}.defaultMode`), ...eachOf(items, `${path}.items`, validateKeyToPath)];
}

function validateKeyToPath({ key, path: target, mode }: KeyToPath, path: string): FieldError[] {
  return [
    ...checkRequired(`${path}.key`, key),
    ...(target === '' ? [required(`${path}.path`)] : checkFileName(`${path}.path`, target)),
    ...checkMode(mode, `${path}.mode`),
  ];
}

function validateDownwardFile(file: DownwardAPIVolumeFile, path: string): FieldError[] {
  const { fieldRef, resourceFieldRef } = file;
  const errors = file.path === '' ? [required(`${path}.path`)] : checkFileName(`${path}.path`, file.path);
  if (fieldRef && resourceFieldRef) errors.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
  if (!fieldRef && !resourceFieldRef) errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
  if (fieldRef) errors.push(...checkRequired(`${path}.fieldRef.fieldPath`, fieldRef.fieldPath));
  if (resourceFieldRef) errors.push(...checkRequired(`${path}.resourceFieldRef.containerName`, resourceFieldRef.containerName));
  return [...errors, ...checkMode(file.mode, `${path}.mode`)];
}

function validateProjection(projection: VolumeProjection, path: string): FieldError[] {
  const given = Object.keys(projection);
  const { secret, configMap, downwardAPI, serviceAccountToken: token } = projection;
  return [
    ...(given.length > 1 ? [forbidden(path, 'may not specify more than 1 volume type per source')] : []),
    ...(secret ? [...checkRequired(`${path}.secret.name`, secret.name), ...validateFiles(secret, `${path}.secret`)] : []),
    ...(configMap ? [...checkRequired(`${path}.configMap.name`, configMap.name), ...validateFiles(configMap, `${path}.configMap`)] : []),
    ...eachOf(downwardAPI?.items, `${path}.downwardAPI.items`, validateDownwardFile),
    ...(token ? validateToken(token, `${path}.serviceAccountToken`) : []),
  ];
}

function validateToken(token: { path: string; expirationSeconds?: number }, path: string): FieldError[] {
  const { expirationSeconds: seconds } = token;
  const errors = token.path === '' ? [required(`${path}.path`)] : checkFileName(`${path}.path`, token.path);
  if (seconds !== undefined && seconds < 600) {
    errors.push(invalid(`${path}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'));
  }
  return errors;
}
