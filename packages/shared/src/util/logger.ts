import { createRequire } from 'node:module';
import type * as Pino from 'pino';

/** JSON-lines logger: a constant message and fields, `log.info({ pod, rv }, 'bound')`. Errors go in the field `err`. */
export type Logger = Pino.Logger;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Loaded on first use: command line tools import this folder and log nothing. */
const require = createRequire(import.meta.url);

/** Creates the process logger on stderr. `level` defaults to `PODLING_LOG_LEVEL`, else `info`. */
export function createLogger(name: string, level?: LogLevel): Logger {
  const { pino } = require('pino') as typeof Pino;
  return pino(
    {
      name,
      level: level ?? process.env['PODLING_LOG_LEVEL'] ?? 'info',
      timestamp: pino.stdTimeFunctions.isoTime,
      // An error's message says its cause's already; pino would put that behind it once more.
      serializers: { err: (error: Error) => ({ ...pino.stdSerializers.err(error), message: error.message }) },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
