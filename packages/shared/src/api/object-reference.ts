import type { Static } from 'typebox';
import { string, struct } from './schema.ts';

export const LocalObjectReferenceSchema = struct({}, { name: string });
export interface LocalObjectReference extends Static<typeof LocalObjectReferenceSchema> {}

export const ObjectReferenceSchema = struct(
  {},
  { kind: string, namespace: string, name: string, uid: string, apiVersion: string, resourceVersion: string, fieldPath: string },
);
export interface ObjectReference extends Static<typeof ObjectReferenceSchema> {}
