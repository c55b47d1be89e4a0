import { pino } from 'pino';
import type { Logger as PinoLogger } from 'pino';

/** JSON-lines logger: a constant message and fields, `log.info({ pod, rv }, 'bound')`. Errors go in the field `err`. */
export type Logger = PinoLogger;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Creates the process logger on stderr. `level` defaults to `PODLING_LOG_LEVEL`, else `info`. */
export function createLogger(name: string, level?: LogLevel): Logger {
  return pino(
    { name, level: level ?? process.env['PODLING_LOG_LEVEL'] ?? 'info', timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
}
