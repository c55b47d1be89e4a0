import { PassThrough, Writable } from 'node:stream';
import type { InputTerminal } from '@podling/shared/input-terminal';
import { sanitize, sanitizeLog } from '@podling/shared/sanitize';
import type { Io } from '../io.ts';

/** Collects what a command prints. Time stands still at `now`. */
export class FakeIo implements Io {
  readonly env: Record<string, string | undefined> = {};
  terminal: { columns: number } | undefined = undefined;
  color = false;
  stdout = '';
  stderr = '';
  stdin = '';
  time = Date.parse('2024-01-01T00:10:00Z');

  out(chunk: string | Uint8Array): void {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    this.stdout += typeof chunk === 'string' && this.terminal !== undefined ? sanitizeLog(text) : text;
  }

  err(text: string): void {
    this.stderr += sanitize(text);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  readonly streams = { stdin: new PassThrough(), stdout: collecting((text) => this.out(text)), stderr: collecting((text) => this.err(text)) };
  /** What standard input is. */
  typedAt: InputTerminal | undefined = undefined;

  inputTerminal(): Promise<InputTerminal | undefined> {
    return Promise.resolve(this.typedAt);
  }

  /** What Ctrl-C does. */
  readonly interrupts = new AbortController();

  takeInterrupts(): AbortSignal {
    return this.interrupts.signal;
  }

  readStdin(): Promise<string> {
    return Promise.resolve(this.stdin);
  }

  /** What stands for programs: gets the words of the command line and answers the exit status. */
  program: (words: readonly string[]) => number | Promise<number> = () => {
    throw new Error('no program expected');
  };

  async run(program: string, args: readonly string[]): Promise<number> {
    return this.program([program, ...args]);
  }

  now(): number {
    return this.time;
  }
}

function collecting(add: (text: string) => void): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      add(chunk.toString('utf8'));
      done();
    },
  });
}
