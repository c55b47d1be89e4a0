import type { Static } from 'typebox';
import { model, string } from './schema.ts';

export const LocalObjectReferenceSchema = model('core.v1.LocalObjectReference', {}, { name: string }, { mapType: 'atomic', defaults: { name: '' } });
export interface LocalObjectReference extends Static<typeof LocalObjectReferenceSchema> {}

export const ObjectReferenceSchema = model(
  'core.v1.ObjectReference',
  {},
  { kind: string, namespace: string, name: string, uid: string, apiVersion: string, resourceVersion: string, fieldPath: string },
  { mapType: 'atomic' },
);
export interface ObjectReference extends Static<typeof ObjectReferenceSchema> {}
