import { PassThrough } from 'node:stream';
import type { StreamSession, TerminalSize } from '@podling/cri';
import { describe, expect, it } from 'vitest';
import { joinStreams } from './streams.ts';
import { TestIo } from './testing/test-io.ts';

class FakeSession implements StreamSession {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly ending = Promise.withResolvers<number>();
  readonly exited = this.ending.promise;
  readonly sizes: TerminalSize[] = [];
  isClosed = false;

  async resize(size: TerminalSize): Promise<void> {
    this.sizes.push(size);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  end(exitCode: number): void {
    for (const stream of [this.stdout, this.stderr]) stream.end();
    this.ending.resolve(exitCode);
  }
}

class FakeTerminal {
  isRaw = false;
  listener: (() => void) | undefined;
  now = { width: 80, height: 24 };

  size(): TerminalSize {
    return this.now;
  }

  onResize(listener: () => void): () => void {
    this.listener = listener;
    return () => (this.listener = undefined);
  }

  raw(): () => void {
    this.isRaw = true;
    return () => (this.isRaw = false);
  }
}

describe('joinStreams', () => {
  it('hands everything on and tells the exit code', async () => {
    const [io, session] = [new TestIo(), new FakeSession()];
    const joined = joinStreams(io, session, undefined);
    io.stdin.end('typed');
    await expect.poll(() => String(session.stdin.read() ?? '')).toBe('typed');
    session.stdout.write('out');
    session.stderr.write('err');
    session.end(3);
    expect(await joined).toBe(3);
    expect([io.stdout, io.stderr, session.isClosed, session.stdin.writableFinished]).toEqual(['out', 'err', true, true]);
  });

  it('follows the terminal while it lasts', async () => {
    const [io, session, terminal] = [new TestIo(), new FakeSession(), new FakeTerminal()];
    const joined = joinStreams(io, session, terminal);
    await expect.poll(() => terminal.isRaw).toBe(true);
    terminal.now = { width: 101, height: 37 };
    terminal.listener?.();
    expect(session.sizes).toEqual([{ width: 80, height: 24 }, { width: 101, height: 37 }]);
    io.stdin.write('\u0003');
    await expect.poll(() => String(session.stdin.read() ?? '')).toBe('\u0003');
    session.end(0);
    expect(await joined).toBe(0);
    expect([terminal.isRaw, terminal.listener]).toEqual([false, undefined]);
  });

  it('leaves by the keys for it, and the terminal is as before', async () => {
    const [io, session, terminal] = [new TestIo(), new FakeSession(), new FakeTerminal()];
    const joined = joinStreams(io, session, terminal);
    io.stdin.write('a\u0010\u0011');
    expect(await joined).toBeUndefined();
    expect([terminal.isRaw, session.isClosed]).toEqual([false, true]);
  });

  it('leaves at Ctrl-C where nobody else takes it', async () => {
    const [io, session] = [new TestIo(), new FakeSession()];
    const joined = joinStreams(io, session, undefined);
    io.interrupt();
    expect([await joined, session.isClosed]).toEqual([undefined, true]);
  });
});
