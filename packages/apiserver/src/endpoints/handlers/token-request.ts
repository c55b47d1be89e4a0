import type { TokenRequest } from '@podling/shared/api';
import { tokenRequestKind } from '@podling/shared/scheme';
import { decodeBody } from '../decode-object.ts';
import type { Handler } from '../endpoint.ts';
import { negotiate } from '../negotiate.ts';
import { fieldValidationOf, isDryRun } from '../options.ts';
import { contextOf } from '../request-context.ts';
import { writeObject } from '../write-response.ts';

/** POST serviceaccounts/NAME/token. */
export const handleTokenRequest: Handler = async ({ info, services }, request, response) => {
  const { user, info: { namespace, name, query } } = contextOf(request);
  const { encoding } = negotiate(request.headers.accept);
  const wanted = decodeBody<TokenRequest>(request, { info: tokenRequestKind, fieldValidation: fieldValidationOf(query), response });
  const dryRun = isDryRun(query.getAll('dryRun'));
  const attributes = { user, operation: 'CREATE' as const, resource: info, subresource: 'token', namespace, name, object: wanted, dryRun };
  await services.admission.admit(attributes);
  const validate = (object: TokenRequest): Promise<void> => services.admission.validate({ ...attributes, object });
  const created = await services.identity.tokenRequests.create(namespace, name, wanted, validate);
  await writeObject({ request, response, code: 201, encoding }, created);
};
