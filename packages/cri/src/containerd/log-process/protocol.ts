import type { OutputStream } from './attach-frames.ts';

/** Requests to the log process: one JSON object a line over its unix socket, each answered by its `sequence`. */
export type LogRequest =
  /** Starts to read; a container that is or was being read is left as it is. */
  | { op: 'open'; container: string; stdout: string; stderr: string; logPath: string }
  | { op: 'reopen'; container: string }
  /** Of all logs, from now on. null: without end. */
  | { op: 'limits'; maxBytes: number | null; maxFiles: number }
  /** Waits up to `timeoutMs` for the end of the streams, then closes and forgets the container. */
  | { op: 'drain'; container: string; timeoutMs: number }
  /** The last request of its connection: after the answer, which says `attached`, come frames of what is read from now on. */
  | { op: 'attach'; container: string; streams: OutputStream[] }
  | { op: 'list' }
  /** Writes what was read and ends the process. */
  | { op: 'shutdown' };

export type LogRequestLine = LogRequest & { sequence: number };

export interface LogReply {
  sequence: number;
  containers?: string[];
  attached?: boolean;
  error?: string;
}

/** Splits a byte stream into lines. */
export class LineSplitter {
  #rest = '';

  push(chunk: string): string[] {
    const lines = `${this.#rest}${chunk}`.split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.filter((line) => line !== '');
  }
}

export const socketName = 'log-process.sock';
export const pidFileName = 'log-process.pid';
export const errorLogName = 'log-process.log';

/** What the log process says of its own failures is begun anew past this size. */
export const MAX_ERROR_LOG_BYTES = 1024 * 1024;
