import { flushCompileCache } from 'node:module';
import { createLogger } from '../util/logger.ts';
import type { Logger } from '../util/logger.ts';

export interface ProcessContext {
  /** Aborts when the process is asked to end, also while it still starts. */
  signal: AbortSignal;
  logger: Logger;
}

export interface RunningProcess {
  /** Ends the process's parts in order; resolves when nothing is left. */
  stop(): Promise<void>;
}

/** What `runProcess` needs of Node's `process`. */
export interface ProcessHandle {
  on(event: 'SIGTERM' | 'SIGINT' | 'unhandledRejection' | 'uncaughtException', listener: (cause: unknown) => void): unknown;
  exit(code: number): void;
}

interface RunProcessOptions {
  host?: ProcessHandle;
  logger?: Logger;
}

/**
 * The life of a process, called once from its `main.ts`.
 *
 * Promises: SIGTERM and SIGINT abort the signal, wait for `stop` and exit 0; a second one exits 1 at once. A start that
 * throws is logged and exits 1. An unhandled rejection is logged and the process goes on; an uncaught exception is
 * logged and exits 1.
 */
export async function runProcess(
  name: string,
  start: (context: ProcessContext) => Promise<RunningProcess>,
  options: RunProcessOptions = {},
): Promise<void> {
  const { host = process as ProcessHandle, logger = createLogger(name) } = options;
  const ending = new AbortController();
  const asked = new Promise<void>((resolve) => ending.signal.addEventListener('abort', () => resolve(), { once: true }));
  listen(host, logger, ending);
  try {
    const running = await start({ signal: ending.signal, logger });
    // Node writes it at exit, which a process that is killed never reaches; the next start would strip all types anew.
    flushCompileCache();
    await asked;
    await running.stop();
    logger.info('stopped');
    host.exit(0);
  } catch (error) {
    const whileStarting = !ending.signal.aborted;
    logger.error({ err: error }, whileStarting ? 'cannot start' : 'stopping failed');
    host.exit(whileStarting || error !== ending.signal.reason ? 1 : 0);
  }
}

function listen(host: ProcessHandle, logger: Logger, ending: AbortController): void {
  const onSignal = (signal: unknown): void => {
    if (ending.signal.aborted) {
      host.exit(1);
      return;
    }
    logger.info({ signal }, 'stopping');
    ending.abort(new Error(`stopped by ${String(signal)}`));
  };
  host.on('SIGTERM', onSignal);
  host.on('SIGINT', onSignal);
  host.on('unhandledRejection', (error) => logger.error({ err: error }, 'unhandled rejection'));
  host.on('uncaughtException', (error) => {
    logger.error({ err: error }, 'uncaught exception');
    host.exit(1);
  });
}
