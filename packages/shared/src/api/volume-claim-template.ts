import type { Static } from 'typebox';
import { LabelSelectorSchema, TemplateMetaSchema, type LabelSelector, type TemplateMeta } from './object-meta.ts';
import { list, model, named, resourceList, string, struct } from './schema.ts';

const PersistentVolumeClaimSpecSchema = model(
  'core.v1.PersistentVolumeClaimSpec',
  {},
  {
    accessModes: list(string),
    selector: named<LabelSelector>(LabelSelectorSchema),
    resources: struct({}, { limits: resourceList, requests: resourceList }),
    volumeName: string,
    storageClassName: string,
    volumeMode: string,
    dataSource: struct({ kind: string, name: string }, { apiGroup: string }),
    dataSourceRef: struct({ kind: string, name: string }, { apiGroup: string, namespace: string }),
    volumeAttributesClassName: string,
  },
);

/** The claim an `ephemeral` volume asks for; stored, not acted on. */
export const PersistentVolumeClaimTemplateSchema = model(
  'core.v1.PersistentVolumeClaimTemplate',
  { spec: PersistentVolumeClaimSpecSchema },
  { metadata: named<TemplateMeta>(TemplateMetaSchema) },
);
export interface PersistentVolumeClaimTemplate extends Static<typeof PersistentVolumeClaimTemplateSchema> {}
