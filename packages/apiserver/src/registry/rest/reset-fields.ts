import { fieldSetOf } from '@podling/shared/field-set';

/** What writes to an object with a status leave alone. */
export const statusFields = fieldSetOf([['status']]);
/** What writes to `/status` leave alone. */
export const specFields = fieldSetOf([['spec']]);
