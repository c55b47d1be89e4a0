/** The part of a stream of `tar-stream` that is written to; they are no streams of Node's. */
interface Sink {
  write(chunk: Buffer): boolean;
  end(chunk: null): void;
  on(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
  readonly destroyed: boolean;
}

/** Writes all of `source` as `sink` takes it, and ends it. Stops when `sink` has broken, which it tells itself. */
export async function feed(source: AsyncIterable<Buffer>, sink: Sink): Promise<void> {
  for await (const chunk of source) {
    if (!sink.destroyed && !sink.write(chunk)) await drained(sink);
    if (sink.destroyed) return;
  }
  sink.end(null);
}

function drained(sink: Sink): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      sink.off('drain', done);
      sink.off('close', done);
      resolve();
    };
    sink.on('drain', done);
    sink.on('close', done);
    if (sink.destroyed) done();
  });
}
