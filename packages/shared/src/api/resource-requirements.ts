import type { Static } from 'typebox';
import { mapList, model, resourceList, string } from './schema.ts';

export const ResourceRequirementsSchema = model(
  'core.v1.ResourceRequirements',
  {},
  { limits: resourceList, requests: resourceList, claims: mapList(model('core.v1.ResourceClaim', { name: string }, { request: string }), 'name') },
);
export interface ResourceRequirements extends Static<typeof ResourceRequirementsSchema> {}
