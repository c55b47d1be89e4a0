import type { Session } from '../session.ts';

const EVERY_MS = 500;

/** Once, or again and again until Ctrl-C. */
export async function watching(session: Session, watch: boolean, show: () => Promise<void>): Promise<void> {
  const { clock, interrupted } = session.io;
  do {
    try {
      await show();
      if (watch) await clock.sleep(EVERY_MS, interrupted);
    } catch (error) {
      if (watch && interrupted.aborted) return;
      throw error;
    }
  } while (watch);
}
