import type { Static } from 'typebox';
import { LabelSelectorSchema, TemplateMetaSchema, type LabelSelector, type TemplateMeta } from './object-meta.ts';
import { keepEmpty, list, model, named, oneOf, resourceList, string } from './schema.ts';

const PersistentVolumeClaimSpecSchema = model(
  'core.v1.PersistentVolumeClaimSpec',
  {},
  {
    accessModes: list(named<string>(oneOf('ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'))),
    selector: named<LabelSelector>(LabelSelectorSchema),
    resources: model('core.v1.VolumeResourceRequirements', {}, { limits: resourceList, requests: resourceList }),
    volumeName: string,
    storageClassName: keepEmpty(string),
    volumeMode: keepEmpty(named<string>(oneOf('Block', 'Filesystem'))),
    dataSource: model('core.v1.TypedLocalObjectReference', { kind: string, name: string }, { apiGroup: keepEmpty(string) }, { mapType: 'atomic' }),
    dataSourceRef: model('core.v1.TypedObjectReference', { kind: string, name: string }, { apiGroup: keepEmpty(string), namespace: keepEmpty(string) }),
    volumeAttributesClassName: keepEmpty(string),
  },
  { defaults: { resources: {} } },
);

/** The claim an `ephemeral` volume asks for; stored, not acted on. */
export const PersistentVolumeClaimTemplateSchema = model(
  'core.v1.PersistentVolumeClaimTemplate',
  { spec: PersistentVolumeClaimSpecSchema },
  { metadata: named<TemplateMeta>(TemplateMetaSchema) },
  { defaults: { metadata: {}, spec: {} } },
);
export interface PersistentVolumeClaimTemplate extends Static<typeof PersistentVolumeClaimTemplateSchema> {}
