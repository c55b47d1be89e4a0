import type { Readable, Writable } from 'node:stream';

/** Output beyond 16 MiB each is cut off. */
export interface ExecResult {
  stdout: Buffer;
  stderr: Buffer;
  exitCode: number;
}

export interface ExecRequest extends AttachRequest {
  command: readonly string[];
}

/** Which streams the session has. With `tty` there is no stderr of its own. */
export interface AttachRequest {
  tty: boolean;
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
}

/** Streams push back: a reader that is slow slows the process down, never fills the memory. */
export interface StreamSession {
  /** Undefined unless asked for, as the others. Its end is the end of the process' stdin. */
  stdin: Writable | undefined;
  stdout: Readable | undefined;
  stderr: Readable | undefined;
  /** In characters. Without a tty it does nothing. */
  resize(size: TerminalSize): Promise<void>;
  /**
   * The process' exit code; undefined when the end of an attached stdin has ended the session; rejects with `Unavailable` when
   * nobody can tell any more. stdout and stderr end on their own.
   */
  exited: Promise<number | undefined>;
  /** Lets go of the streams; idempotent, never fails. */
  close(): Promise<void>;
}

export interface TerminalSize {
  width: number;
  height: number;
}
