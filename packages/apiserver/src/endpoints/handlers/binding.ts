import type { RegistryStore } from '../../registry/generic/registry-store.ts';
import { newBadRequest } from '@podling/shared/api';
import type { Binding, Pod, Status } from '@podling/shared/api';
import { bindingKind } from '@podling/shared/scheme';
import { bindPod } from '../../registry/pod/binding.ts';
import { settleNamespace } from '../../registry/rest/before-create.ts';
import { decodeBody } from '../decode-object.ts';
import type { Handler } from '../endpoint.ts';
import { negotiate } from '../negotiate.ts';
import { fieldValidationOf, isDryRun } from '../options.ts';
import { contextOf } from '../request-context.ts';
import { writeObject } from '../write-response.ts';

/** POST pods/NAME/binding, the scheduler's one write; or POST bindings, where the binding itself names the pod. */
export const handleBinding: Handler = async (endpoint, request, response) => {
  const { namespace, name: pathName, query } = contextOf(request).info;
  const { encoding } = negotiate(request.headers.accept);
  const binding = decodeBody<Binding>(request, { info: bindingKind, fieldValidation: fieldValidationOf(query), response });
  settleNamespace(bindingKind, binding, namespace);
  const name = pathName || binding.metadata.name;
  if (name === '') throw newBadRequest('Name parameter required.');
  if (binding.metadata.name !== name) throw newBadRequest('name in URL does not match name in Binding object');
  const pods = endpoint.store as unknown as RegistryStore<Pod>;
  await bindPod(pods, { namespace, name, binding, dryRun: isDryRun(query.getAll('dryRun')) });
  const created: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  await writeObject({ request, response, code: 201, encoding }, created);
};
