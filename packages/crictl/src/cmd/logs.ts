import { dirname, extname, join } from 'node:path';
import { LogTails, followLogPieces, readLogPieces } from '@podling/cri/logs';
import type { LogOptions, LogPiece, LogStream } from '@podling/cri/logs';
import type { ContainerStatus, CriConnection } from '@podling/cri/v1';
import { parseDurationMs } from '@podling/shared/duration';
import { sanitizeLog } from '@podling/shared/sanitize';
import { wholeNumber } from '../listing/filters.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

interface Options {
  follow?: boolean;
  limitBytes: string;
  previous?: boolean;
  reopen?: boolean;
  since?: string;
  stream?: string;
  tail: string;
  timestamps?: boolean;
}

export const verb: Verb = {
  usage: 'CONTAINER-ID',
  flags: (command) => {
    command
      .option('-f, --follow', 'go on as it is written')
      .option('--limit-bytes <n>', 'at most so many bytes; -1 for all', '-1')
      .option('-p, --previous', 'of the instance before, by its file')
      .option('-r, --reopen', 'have the runtime open the log anew first')
      .option('--since <time>', 'what is newer than: 2013-01-02T13:23:37Z, seconds since 1970, or 42m for 42 minutes')
      .option('-s, --stream <name>', 'stdout or stderr; both otherwise')
      .option('--tail <n>', 'the last lines; -1 for all', '-1')
      .option('-t, --timestamps', 'with the time of each line');
  },
  run: async (session, words, options: Options) => {
    const [id, ...more] = words;
    if (id === undefined || more.length > 0) throw new CommandError(more.length > 0 ? 'one CONTAINER-ID is wanted' : 'ID cannot be empty');
    const wanted = wantedStream(options);
    const logOptions = readOptions(options, session.io.clock.now());
    const cri = await session.cri();
    if (options.reopen === true) {
      await doing('reopen container logs', () => cri.runtime('ReopenContainerLog', { containerId: id }));
      session.say('info', 'Container logs reopened');
    }
    const { status } = await cri.runtime('ContainerStatus', { containerId: id, verbose: false });
    const path = pathOf(status, options.previous === true);
    if (options.follow === true) await follow(session, cri, id, path, logOptions, wanted);
    else await print(session, readLogPieces(path, logOptions), wanted);
  },
};

function wantedStream({ stream, tail }: Options): LogStream | undefined {
  if (stream === undefined || stream === '') return undefined;
  if (stream !== 'stdout' && stream !== 'stderr') throw new CommandError(`invalid stream ${JSON.stringify(stream)}, must be "stdout" or "stderr"`);
  if (tail !== '-1') throw new CommandError('--tail and --stream are mutually exclusive');
  return stream;
}

function readOptions({ tail, limitBytes, since, timestamps = false }: Options, nowMs: number): LogOptions {
  const [tailLines, bytes] = [wholeNumber(tail, 'tail'), wholeNumber(limitBytes, 'limit-bytes')];
  const sinceMs = since === undefined ? undefined : moment(since, nowMs);
  return { timestamps, ...(tailLines < 0 ? {} : { tailLines }), ...(bytes < 0 ? {} : { limitBytes: bytes }), ...(sinceMs === undefined ? {} : { sinceMs }) };
}

/** A span back from now, a time, or seconds since 1970. */
function moment(text: string, nowMs: number): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  const spanMs = spanOf(text);
  if (spanMs !== undefined) return nowMs - spanMs;
  const parsed = Date.parse(text);
  if (Number.isNaN(parsed)) throw new CommandError(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  return parsed;
}

/** Undefined for what is no duration. */
function spanOf(text: string): number | undefined {
  try {
    return text.startsWith('-') ? -parseDurationMs(text.slice(1)) : parseDurationMs(text);
  } catch {
    return undefined;
  }
}

function pathOf(status: ContainerStatus | null, previous: boolean): string {
  const { logPath = '', metadata } = status ?? {};
  if (logPath === '') throw new CommandError('the container has not set log path');
  if (!previous) return logPath;
  const attempt = metadata?.attempt ?? 0;
  if (attempt === 0) throw new CommandError(`previous terminated container ${metadata?.name ?? ''} not found`);
  return join(dirname(logPath), `${attempt - 1}${extname(logPath)}`);
}

/** Ends with Ctrl-C without a word. */
async function follow(session: Session, cri: CriConnection, id: string, path: string, options: LogOptions, wanted: LogStream | undefined): Promise<void> {
  const { clock, interrupted } = session.io;
  const source = { path, endedMs: () => endOf(cri, id) };
  try {
    await print(session, followLogPieces(new LogTails(clock), source, options, interrupted), wanted);
  } catch (error) {
    if (!interrupted.aborted) throw error;
  }
}

/** A runtime that does not answer may well have a container that runs; one that is gone has ended. */
async function endOf(cri: CriConnection, containerId: string): Promise<number | undefined> {
  try {
    const { status } = await cri.runtime('ContainerStatus', { containerId, verbose: false });
    return status?.state === 'CONTAINER_RUNNING' || status?.state === 'CONTAINER_CREATED' ? undefined : Number(BigInt(status?.finishedAt ?? 0) / 1_000_000n);
  } catch (error) {
    return (error as { code?: unknown }).code === 'NotFound' ? 0 : undefined;
  }
}

async function print(session: Session, pieces: AsyncIterable<LogPiece[]>, wanted: LogStream | undefined): Promise<void> {
  const { io } = session;
  const shown = (text: Buffer): string | Buffer => (io.outIsTerminal ? sanitizeLog(text.toString('utf8')) : text);
  for await (const some of pieces) {
    for (const { stream, text } of some) {
      if (wanted !== undefined && wanted !== stream) continue;
      if (stream === 'stdout') io.out(shown(text));
      else io.err(shown(text));
    }
    await io.flush();
  }
}
