import { timeOf } from '@podling/shared/time';
import { parseDuration } from '../../duration.ts';
import { CommandError } from '../../errors.ts';

export interface LogsOptions {
  container?: string;
  follow?: boolean;
  previous?: boolean;
  selector?: string;
  tail?: number;
  limitBytes?: number;
  since?: string;
  sinceTime?: string;
  timestamps?: boolean;
  allContainers?: boolean;
  allPods?: boolean;
  prefix?: boolean;
  ignoreErrors?: boolean;
  maxLogRequests: number;
  podRunningTimeout: string;
  insecureSkipTlsVerifyBackend?: boolean;
}

export type LogQuery = Readonly<Record<string, string | number | boolean | undefined>>;

const TAIL_WITH_SELECTOR = 10;
const ALL_LINES = -1;

/** What is asked of the server for each container, but for its name. */
export async function logQuery(options: LogsOptions): Promise<LogQuery> {
  const { follow, previous, timestamps, insecureSkipTlsVerifyBackend, since, sinceTime } = options;
  if (since !== undefined && sinceTime !== undefined) throw new CommandError('at most one of `sinceTime` or `sinceSeconds` may be specified');
  if (sinceTime !== undefined && timeOf(sinceTime) === undefined) throw new CommandError(`parsing time "${sinceTime}" as "2006-01-02T15:04:05Z07:00": cannot parse it`);
  return {
    follow,
    previous,
    timestamps,
    insecureSkipTLSVerifyBackend: insecureSkipTlsVerifyBackend,
    tailLines: tailLines(options),
    limitBytes: limitBytes(options),
    sinceSeconds: since === undefined ? undefined : await sinceSeconds(since),
    sinceTime,
  };
}

function tailLines({ tail, selector }: LogsOptions): number | undefined {
  if (tail === undefined) return selector === undefined ? undefined : TAIL_WITH_SELECTOR;
  if (tail < ALL_LINES) throw new CommandError(`--tail must be greater than or equal to ${ALL_LINES}`);
  return tail === ALL_LINES ? undefined : tail;
}

/** Zero limits nothing, as upstream. */
function limitBytes({ limitBytes: bytes = 0 }: LogsOptions): number | undefined {
  if (bytes < 0) throw new CommandError('--limit-bytes must be greater than 0');
  return bytes === 0 ? undefined : bytes;
}

/** The server knows whole seconds only; zero is no limit, but less than one second is one. */
async function sinceSeconds(since: string): Promise<number | undefined> {
  const milliseconds = await parseDuration(since, 'since');
  if (milliseconds < 0) throw new CommandError('--since must be greater than 0');
  return milliseconds === 0 ? undefined : Math.max(1, Math.round(milliseconds / 1000));
}
