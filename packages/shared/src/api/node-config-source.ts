import type { Static } from 'typebox';
import { model, string } from './schema.ts';

/** Removed from Kubernetes in v1.24; stored because old clients may still send it. */
export const NodeConfigSourceSchema = model(
  'core.v1.NodeConfigSource',
  {},
  { configMap: model('core.v1.ConfigMapNodeConfigSource', { namespace: string, name: string, kubeletConfigKey: string }, { uid: string, resourceVersion: string }) },
);
export interface NodeConfigSource extends Static<typeof NodeConfigSourceSchema> {}
