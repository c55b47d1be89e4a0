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
    this.stdout += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
  }

  err(text: string): void {
    this.stderr += text;
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  readStdin(): Promise<string> {
    return Promise.resolve(this.stdin);
  }

  now(): number {
    return this.time;
  }
}
