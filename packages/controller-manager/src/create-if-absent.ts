import { isAlreadyExists, isForbidden, isNotFound } from '@podling/shared/api';

/** Waits for a create in a namespace. Somebody was quicker, or the namespace goes meanwhile: either way nothing is left to do. */
export async function createIfAbsent(creation: Promise<unknown>): Promise<void> {
  await creation.catch((error: unknown) => {
    if (!isAlreadyExists(error) && !isNotFound(error) && !isForbidden(error)) throw error;
  });
}
