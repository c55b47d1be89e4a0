import { styleText } from 'node:util';

/** One line of the demo: what it shows, and a function that throws when it is not so. Returns lines to show beneath. */
export interface Check {
  title: string;
  run: () => Promise<string | undefined>;
}

export interface CheckResult {
  title: string;
  ok: boolean;
  seconds: number;
}

const mark = (ok: boolean): string => (ok ? styleText('green', '✓') : styleText('red', '✗'));

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}\n`)
    .join('');
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\ncaused by: ${explain(error.cause)}`;
}

/** Runs checks one after the other and prints each with a mark; a failed one does not stop the next. */
export class Checklist {
  readonly results: CheckResult[] = [];

  async check({ title, run }: Check): Promise<boolean> {
    const startedAt = performance.now();
    if (process.stdout.isTTY) process.stdout.write(`… ${title}`);
    let ok = true;
    let text: string | undefined;
    try {
      text = await run();
    } catch (error) {
      ok = false;
      text = explain(error);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    this.results.push({ title, ok, seconds });
    process.stdout.write(`${process.stdout.isTTY ? '\r\u001b[K' : ''}${mark(ok)} ${title} ${styleText('dim', `(${seconds.toFixed(1)} s)`)}\n`);
    if (text !== undefined && text !== '') process.stdout.write(indent(text));
    return ok;
  }

  get failed(): number {
    return this.results.filter((r) => !r.ok).length;
  }
}
