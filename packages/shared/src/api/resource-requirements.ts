import type { Static } from 'typebox';
import { mapList, resourceList, string, struct } from './schema.ts';

export const ResourceRequirementsSchema = struct(
  {},
  { limits: resourceList, requests: resourceList, claims: mapList(struct({ name: string }, { request: string }), 'name') },
);
export interface ResourceRequirements extends Static<typeof ResourceRequirementsSchema> {}
