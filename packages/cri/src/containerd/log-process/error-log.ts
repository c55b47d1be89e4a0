import { fstatSync, ftruncateSync, writeSync } from 'node:fs';

export interface ErrorLogOptions {
  /** Opened for appending. */
  fd: number;
  maxBytes: number;
  /** The time in RFC 3339. */
  now: () => string;
}

/** The log process' own log, one JSON object a line. It begins anew past `maxBytes`; what cannot be written is dropped. */
export class ErrorLog {
  readonly #options: ErrorLogOptions;

  constructor(options: ErrorLogOptions) {
    this.#options = options;
  }

  write(message: string, fields: object): void {
    const { fd, maxBytes, now } = this.#options;
    try {
      if (fstatSync(fd).size >= maxBytes) ftruncateSync(fd);
      writeSync(fd, `${JSON.stringify({ time: now(), message, ...fields })}\n`);
    } catch {
      // A full disk is what it mostly tells of: to fail here would end the reading of every container.
    }
  }
}
