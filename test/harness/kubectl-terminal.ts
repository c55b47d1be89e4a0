import { waitUntil } from '@podling/deploy/observe';
import { execa } from 'execa';
import type { KubectlUser } from './upstream-kubectl.ts';

/** kubectl at a terminal of its own, as at somebody's desk: `script` makes it. */
export class KubectlTerminal {
  readonly #process;
  #screen = '';
  #device: string | undefined;

  constructor(user: KubectlUser, args: readonly string[], { rows, columns }: { rows: number; columns: number }) {
    const { command, env } = user.command(args);
    const words = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
    this.#process = execa('script', ['-qefc', `stty rows ${rows} cols ${columns}; tty; exec ${words}`, '/dev/null'], { env, reject: false, buffer: false, stdin: 'pipe', timeout: 60_000 });
    this.#process.stdout.on('data', (data: Buffer) => (this.#screen += data.toString()));
  }

  /** All that has been on it. */
  get screen(): string {
    return this.#screen;
  }

  type(text: string): void {
    this.#process.stdin.write(text);
  }

  async shows(wanted: RegExp): Promise<void> {
    try {
      await waitUntil(`${String(wanted)} on the screen`, () => wanted.test(this.#screen), { timeoutMs: 20_000 });
    } catch (cause) {
      throw new Error(`${String(wanted)} is not on the screen: ${JSON.stringify(this.#screen)}`, { cause });
    }
  }

  /** As when the window is drawn larger. */
  async resize(rows: number, columns: number): Promise<void> {
    this.#device ??= /\/dev\/pts\/\d+/.exec(this.#screen)?.[0];
    await execa('stty', ['-F', this.#device ?? '', 'rows', String(rows), 'cols', String(columns)]);
  }

  /** The exit code, once it has ended. */
  async exited(): Promise<number | undefined> {
    return (await this.#process).exitCode;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}
