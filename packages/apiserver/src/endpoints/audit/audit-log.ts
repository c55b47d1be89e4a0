import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Logger } from '@podling/shared/util';

/** What waits for the disk; beyond it records are lost and counted, requests never wait. */
const longestBacklogBytes = 16 * 1024 * 1024;

/** Takes audit events, one line of JSON each. */
export interface AuditLog {
  write(event: object): void;
  /** Resolves when everything taken is written. */
  close(): Promise<void>;
}

class StreamAuditLog implements AuditLog {
  readonly #stream: Writable;
  readonly #logger: Logger;
  #lost = 0;

  constructor(stream: Writable, logger: Logger) {
    this.#stream = stream;
    this.#logger = logger;
    stream.on('error', (err) => logger.error({ err }, 'the audit log cannot be written'));
  }

  write(event: object): void {
    if (this.#stream.destroyed || this.#stream.writableLength > longestBacklogBytes) return this.#lose();
    this.#stream.write(`${JSON.stringify(event)}\n`);
  }

  #lose(): void {
    this.#lost += 1;
    if (this.#lost === 1 || this.#lost % 1000 === 0) this.#logger.error({ lost: this.#lost }, 'audit events are lost');
  }

  async close(): Promise<void> {
    if (this.#stream === process.stdout || this.#stream.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('close', resolve).end();
    });
  }
}

/** Appends to `path`, which only its owner may read; `-` is standard output. Rejects when the file cannot be opened. */
export async function openAuditLog(path: string, logger: Logger): Promise<AuditLog> {
  if (path === '-') return new StreamAuditLog(process.stdout, logger);
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  await new Promise((resolve, reject) => stream.once('open', resolve).once('error', reject));
  return new StreamAuditLog(stream, logger);
}
