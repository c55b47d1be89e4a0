import type { KubeObject, ObjectMeta } from '@podling/shared/api';
import { newInvalid } from '@podling/shared/api';
import type { KindInfo } from '@podling/shared/scheme';
import type { User } from '../../../authentication/user.ts';
import { settleNamespace } from '../../../registry/rest/before-create.ts';
import { decodeBody } from '../../decode-object.ts';
import type { BoundHandler } from '../../endpoint.ts';
import { negotiate } from '../../negotiate.ts';
import { fieldValidationOf, isDryRun } from '../../options.ts';
import { contextOf } from '../../request-context.ts';
import { writeObject } from '../../write-response.ts';

/** A question that has been read, and who asks it. */
export interface Asked<T> {
  review: T;
  asker: User;
}

/** A review has no name, so its metadata shows none. */
function shownMetadata({ name, ...metadata }: ObjectMeta): object {
  return name === '' ? metadata : { name, ...metadata };
}

/** The handler of one kind of question: reads it, validates it, answers 201 with it and its answer. Nothing is stored. */
export function answerReview<T extends KubeObject>(info: KindInfo<T>, answer: (asked: Asked<T>) => Promise<T>): BoundHandler {
  return async (request, response) => {
    const { user, info: { namespace, query } } = contextOf(request);
    const { encoding } = negotiate(request.headers.accept);
    isDryRun(query.getAll('dryRun'));
    const review = decodeBody<T>(request, { info, fieldValidation: fieldValidationOf(query), response });
    settleNamespace(info, review, namespace);
    const errors = info.validateCreate(review);
    if (errors.length > 0) throw newInvalid({ group: info.group, kind: '' }, '', errors);
    const answered = await answer({ review, asker: user });
    await writeObject({ request, response, code: 201, encoding }, { ...answered, metadata: shownMetadata(answered.metadata) });
  };
}
