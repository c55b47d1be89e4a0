import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Listeners } from './listeners.ts';

/** A connection whose other end takes what it is told to. */
class Line extends EventEmitter {
  bytesWritten = 0;
  writableLength = 0;
  destroyed = false;
  write(chunk: Buffer): boolean {
    this.bytesWritten += chunk.length;
    this.writableLength += chunk.length;
    return this.writableLength < 100;
  }
  take(bytes: number): void {
    this.writableLength -= bytes;
    if (this.writableLength === 0) this.emit('drain');
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

describe('Listeners', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function listening(count: number): { listeners: Listeners; lines: Line[]; drained: ReturnType<typeof vi.fn> } {
    const drained = vi.fn();
    const listeners = new Listeners(drained, 1_000);
    const lines = Array.from({ length: count }, () => new Line());
    for (const line of lines) listeners.add(line as unknown as Socket, ['stdout']);
    return { listeners, lines, drained };
  }

  it('make the container wait until all can take more', () => {
    const { listeners, lines: [one, other], drained } = listening(2);
    expect(listeners.write('stdout', Buffer.alloc(200))).toBe(false);
    one?.take(205);
    expect(drained).not.toHaveBeenCalled();
    other?.take(205);
    expect(drained).toHaveBeenCalledTimes(1);
    expect([listeners.write('stderr', Buffer.alloc(200)), one?.writableLength]).toEqual([true, 0]);
  });

  it('who take nothing for long are cut off, those who take a little are not', () => {
    const { listeners, lines: [slow, stuck], drained } = listening(2);
    listeners.write('stdout', Buffer.alloc(200));
    slow?.take(1);
    vi.advanceTimersByTime(1_000);
    expect([slow?.destroyed, stuck?.destroyed]).toEqual([false, true]);
    slow?.take(204);
    expect(drained).toHaveBeenCalledTimes(1);
  });
});
