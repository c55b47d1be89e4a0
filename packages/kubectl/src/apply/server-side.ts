import { ApiStatusError, isConflict } from '@podling/shared/errors';
import { CommandError } from '../errors.ts';

const ADVICE = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`;

export const APPLY_PATCH = 'application/apply-patch+yaml';

/** A conflict with other field managers, with what can be done about it. */
export function explainConflict(error: unknown): unknown {
  if (!isConflict(error) || !(error instanceof ApiStatusError)) return error;
  return new CommandError(`${error.message}\n${ADVICE}`, { cause: error });
}
