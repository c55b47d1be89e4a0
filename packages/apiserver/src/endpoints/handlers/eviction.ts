import { newBadRequest, newInvalid } from '@podling/shared/api';
import type { Eviction, Status } from '@podling/shared/api';
import { evictionKind } from '@podling/shared/scheme';
import type { Evictions } from '../../registry/pod/eviction.ts';
import { settleNamespace } from '../../registry/rest/before-create.ts';
import { decodeBody } from '../decode-object.ts';
import { deleteRequestFrom } from '../delete-options.ts';
import type { Handler } from '../endpoint.ts';
import { negotiate } from '../negotiate.ts';
import { fieldValidationOf, isDryRun } from '../options.ts';
import { contextOf } from '../request-context.ts';
import { writeObject } from '../write-response.ts';

function checkEviction({ metadata, deleteOptions }: Eviction, name: string): void {
  if (metadata.name !== name) throw newBadRequest('name in URL does not match name in Eviction object');
  const field = 'deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential';
  if (!deleteOptions?.ignoreStoreReadErrorWithClusterBreakingPotential) return;
  const message = 'Invalid value: true: can not be set for pod eviction, try after removing the option';
  throw newInvalid(evictionKind, name, [{ field, reason: 'FieldValueInvalid', message }]);
}

/** POST pods/NAME/eviction. */
export function evictionHandler(evictions: Evictions): Handler {
  return async ({ info, services: { admission } }, request, response) => {
    const { user, info: { namespace, name, query } } = contextOf(request);
    const { encoding } = negotiate(request.headers.accept);
    const eviction = decodeBody<Eviction>(request, { info: evictionKind, fieldValidation: fieldValidationOf(query), response });
    settleNamespace(evictionKind, eviction, namespace);
    checkEviction(eviction, name);
    const { dryRun: isDryInside, ...wanted } = deleteRequestFrom(eviction.deleteOptions ?? {});
    const dryRun = isDryRun(query.getAll('dryRun')) || isDryInside;
    const attributes = { user, operation: 'CREATE' as const, resource: info, subresource: 'eviction', namespace, name, object: eviction, dryRun };
    await admission.admit(attributes);
    await admission.validate(attributes);
    await evictions.evict({ namespace, name, request: wanted, dryRun });
    const created: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
    await writeObject({ request, response, code: 201, encoding }, created);
  };
}
