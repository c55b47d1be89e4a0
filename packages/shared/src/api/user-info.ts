import type { Static } from 'typebox';
import { list, mapOf, model, string } from './schema.ts';

/** Key → values, as authenticators add them to a user. */
export const extraValues = mapOf(list(string));

export const UserInfoSchema = model('authentication.v1.UserInfo', {}, { username: string, uid: string, groups: list(string), extra: extraValues });
/** A user as the API tells of one. */
export interface UserInfo extends Static<typeof UserInfoSchema> {}
