import { newStatusError } from '@podling/shared/api';
import type { ApiStatusError } from '@podling/shared/api';
import { describeFields } from '@podling/shared/field-set';
import type { OptionalFieldSet } from '@podling/shared/field-set';
import { identityOf } from './managed-entries.ts';
import type { ManagerId } from './managed-entries.ts';

/** Fields that an applier wants to change and another manager owns. */
export interface Conflict {
  with: ManagerId;
  fields: OptionalFieldSet;
}

function describeManager({ manager, operation, apiVersion, subresource }: ManagerId): string {
  const part = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  return `${JSON.stringify(manager)}${part}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}

/** 409 with every field and its owner, in Kubernetes' words. */
export function newApplyConflict(conflicts: readonly Conflict[]): ApiStatusError {
  const owners = conflicts.toSorted((a, b) => (identityOf(a.with) < identityOf(b.with) ? -1 : 1))
    .map(({ with: owner, fields }) => ({ owner: describeManager(owner), paths: describeFields(fields) }));
  const causes = owners.flatMap(({ owner, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${owner}`, field })));
  const [only] = causes;
  const list = owners.map(({ owner, paths }) => [`conflicts with ${owner}:`, ...paths.map((path) => `- ${path}`)].join('\n')).join('\n');
  const message = causes.length === 1 && only
    ? `Apply failed with 1 conflict: ${only.message}: ${only.field}`
    : `Apply failed with ${causes.length} conflicts: ${list}`;
  return newStatusError({ code: 409, reason: 'Conflict', message, details: { causes } });
}
