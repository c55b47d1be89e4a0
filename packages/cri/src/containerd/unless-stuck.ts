import type { Logger } from '@podling/shared/util';
import { CriError } from '../cri.ts';

/**
 * For a recovery: one container that cannot be cleared, be it that its shim does not answer, does not keep the runtime
 * from all others. A lost connection does: nothing can be said of any.
 */
export async function unlessStuck(container: string, clearing: Promise<unknown>, logger: Logger): Promise<void> {
  try {
    await clearing;
  } catch (error) {
    if (error instanceof CriError && error.code === 'Unavailable') throw error;
    logger.warn({ err: error, container }, 'not recovered');
  }
}
