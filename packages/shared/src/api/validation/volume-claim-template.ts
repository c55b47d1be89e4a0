import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isDNS1123Subdomain } from '../names.ts';
import type { TemplateMeta } from '../object-meta.ts';
import { parseQuantity } from '../quantity.ts';
import type { PersistentVolumeClaimTemplate } from '../volume-claim-template.ts';
import { checkMember, checkOptional, checkRequired, forbidden, invalid, notSupported, required } from './field-errors.ts';
import { validateLabelSelector } from './label-selector.ts';
import { validateAnnotations, validateLabels } from './object-meta.ts';

type ClaimSpec = PersistentVolumeClaimTemplate['spec'];
type DataSource = NonNullable<ClaimSpec['dataSourceRef']>;

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

export function validateClaimTemplate({ metadata = {}, spec }: PersistentVolumeClaimTemplate, path: string): FieldError[] {
  return [
    ...validateAnnotations(metadata.annotations, `${path}.metadata.annotations`),
    ...validateLabels(metadata.labels, `${path}.metadata.labels`),
    ...(Object.keys(metadata) as (keyof TemplateMeta)[])
      .filter((name) => name !== 'labels' && name !== 'annotations' && metadata[name])
      .map((name) => forbidden(`${path}.metadata.${name}`, 'cannot be set')),
    ...validateClaimSpec(spec, `${path}.spec`),
  ];
}

function validateClaimSpec(spec: ClaimSpec, path: string): FieldError[] {
  const { dataSource, dataSourceRef } = spec;
  return [
    ...validateAccessModes(spec.accessModes, spec, path),
    ...validateStorage(spec.resources?.requests?.['storage'], `${path}.resources[storage]`),
    ...checkOptional(`${path}.storageClassName`, spec.storageClassName, isDNS1123Subdomain),
    ...checkMember(`${path}.volumeMode`, spec.volumeMode, ['Block', 'Filesystem']),
    ...(dataSource ? validateDataSource(dataSource, `${path}.dataSource`) : []),
    ...(dataSourceRef ? validateDataSource(dataSourceRef, `${path}.dataSourceRef`) : []),
    ...validateBothSources(spec, path),
    ...checkOptional(`${path}.volumeAttributesClassName`, spec.volumeAttributesClassName, isDNS1123Subdomain),
  ];
}

function validateAccessModes(modes: string[] = [], spec: ClaimSpec, path: string): FieldError[] {
  const at = `${path}.accessModes`;
  const known = modes.filter((mode) => accessModes.includes(mode));
  const isMixed = known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod');
  return [
    ...(modes.length === 0 ? [required(at, 'at least 1 access mode is required')] : []),
    ...validateLabelSelector(spec.selector, `${path}.selector`),
    ...modes.filter((mode) => !accessModes.includes(mode)).map((mode) => notSupported(at, mode, accessModes)),
    ...(isMixed ? [forbidden(at, 'may not use ReadWriteOncePod with other access modes')] : []),
  ];
}

function validateStorage(amount: string | undefined, path: string): FieldError[] {
  if (amount === undefined) return [required(path)];
  return parseQuantity(amount) > 0n ? [] : [invalid(path, amount, 'must be greater than zero')];
}

function validateDataSource({ kind, name, apiGroup = '', namespace }: DataSource, path: string): FieldError[] {
  const isForeign = apiGroup === '' && kind !== 'PersistentVolumeClaim';
  return [
    ...checkRequired(`${path}.name`, name),
    ...checkRequired(`${path}.kind`, kind),
    ...(isForeign ? [invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup")] : []),
    ...checkOptional(`${path}.apiGroup`, apiGroup, isDNS1123Subdomain),
    ...checkOptional(`${path}.namespace`, namespace, isDNS1123Label),
  ];
}

function validateBothSources({ dataSource, dataSourceRef }: ClaimSpec, path: string): FieldError[] {
  if (!dataSource || !dataSourceRef) return [];
  if (dataSourceRef.namespace) return [invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified')];
  const isSame = (['apiGroup', 'kind', 'name'] as const).every((key) => dataSource[key] === dataSourceRef[key]);
  return isSame ? [] : [invalid(path, {}, 'must match dataSourceRef')];
}
