import type { EventEmitter } from 'node:events';
import type { Clock } from '@podling/shared/util';

/** A stream as far as fullness goes: a socket or an answer. */
export interface Drainable extends EventEmitter {
  readonly writableLength: number;
  readonly destroyed: boolean;
}

export const highWaterBytes = 1024 * 1024;
const catchUpMs = 10_000;

/** Resolves to true when `stream` has drained, to false when it closes or stays full for 10 s. */
export function drained(stream: Drainable, clock: Clock): Promise<boolean> {
  if (stream.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const finish = (result: boolean) => (): void => {
      timer.cancel();
      stream.off('drain', onDrain).off('close', onClose);
      resolve(result);
    };
    const onDrain = finish(true);
    const onClose = finish(false);
    const timer = clock.setTimeout(finish(false), catchUpMs);
    stream.on('drain', onDrain).on('close', onClose);
  });
}
