import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { OutputError, takeInterrupts } from './interrupts.ts';

class FakeProcess extends EventEmitter {
  readonly stdout = new EventEmitter();
  readonly stderr = new EventEmitter();
  readonly exits: number[] = [];
  exit = (code: number): never => this.exits.push(code) as never;
}

function outside(): { process: FakeProcess; interrupted: AbortSignal } {
  const process = new FakeProcess();
  return { process, interrupted: takeInterrupts(process as unknown as NodeJS.Process) };
}

describe('interrupts', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('come with %s', (signal) => {
    const { process, interrupted } = outside();
    process.emit(signal);
    expect([interrupted.aborted, process.exits]).toEqual([true, []]);
  });

  it.each([['SIGINT', 'SIGINT', 130], ['SIGTERM', 'SIGTERM', 143], ['SIGINT', 'SIGTERM', 143]])('end the process with %s and %s', (first, second, exitCode) => {
    const { process } = outside();
    for (const signal of [first, second]) process.emit(signal);
    expect(process.exits).toEqual([exitCode]);
  });

  it('let a closed terminal be told twice', () => {
    const { process } = outside();
    for (const signal of ['SIGHUP', 'SIGHUP', 'SIGTERM', 'SIGHUP']) process.emit(signal);
    expect(process.exits).toEqual([]);
  });

  it.each([['EPIPE', 0], ['ENOSPC', 1]])('come with an output that fails: %s', (code, exitCode) => {
    const { process, interrupted } = outside();
    process.stdout.emit('error', Object.assign(new Error(`${code}: no`), { code }));
    process.stderr.emit('error', new Error('gone too'));
    expect(interrupted.reason).toBeInstanceOf(OutputError);
    expect(interrupted.reason).toMatchObject({ exitCode, message: `write standard output: ${code}: no` });
  });
});
