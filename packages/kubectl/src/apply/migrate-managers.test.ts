import { describe, expect, it } from 'vitest';
import { migrateManagers } from './migrate-managers.ts';

const client = { manager: 'csa', operation: 'Update', apiVersion: 'v1', fieldsV1: { 'f:data': { 'f:gone': {}, 'f:a': {} } } };
const server = { manager: 'ssa', operation: 'Apply', apiVersion: 'v1', fieldsV1: { 'f:data': { 'f:a': {}, 'f:b': {} } } };
const other = { manager: 'kubelet', operation: 'Update', apiVersion: 'v1', fieldsV1: { 'f:status': {} } };
const object = (...managedFields: object[]) => ({ metadata: { resourceVersion: '7', managedFields } });

describe('migrateManagers', () => {
  it('gives the fields of client-side apply to the server-side manager and leaves the others', () => {
    const both = { ...server, fieldsV1: { 'f:data': { 'f:a': {}, 'f:b': {}, 'f:gone': {} } } };
    expect(migrateManagers(object(client, other, server), 'csa', 'ssa')).toEqual([
      { op: 'replace', path: '/metadata/managedFields', value: [other, both] },
      { op: 'replace', path: '/metadata/resourceVersion', value: '7' },
    ]);
  });

  it.each([[object(other, server)], [object({ ...client, subresource: 'status' })], [{}]])('has nothing to do for %j', (found) => {
    expect(migrateManagers(found, 'csa', 'ssa')).toBeUndefined();
  });
});
