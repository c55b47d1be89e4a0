import { FakeClock } from '@podling/shared/testing';
import { AsyncQueue } from '@podling/shared/util';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { Logind } from './logind.ts';

/** The programs that were started; each runs until it is ended or the test ends it. */
class Programs {
  readonly all: { file: string; lines: AsyncQueue<string>; ended: boolean }[] = [];

  run = (file: string) => {
    const program = { file, lines: new AsyncQueue<string>({ capacity: 10 }), ended: false };
    this.all.push(program);
    const end = (): void => {
      program.ended = true;
      program.lines.end();
    };
    return { lines: program.lines, end };
  };

  say(goesDown: unknown): void {
    this.all.findLast(({ file }) => file === 'busctl')?.lines.push(JSON.stringify({ type: 'signal', member: 'PrepareForShutdown', payload: { type: 'b', data: [goesDown] } }));
  }

  get locks(): boolean[] {
    return this.all.filter(({ file }) => file === 'systemd-inhibit').map(({ ended }) => !ended);
  }
}

let logind: Logind;

function start(busSocket = '/') {
  const programs = new Programs();
  const heard: string[] = [];
  const shutdown = Promise.withResolvers<void>();
  const clock = new FakeClock();
  logind = new Logind({
    run: programs.run, busSocket, clock, logger: pino({ level: 'silent' }),
    onShutdown: () => {
      heard.push('shutdown');
      return shutdown.promise;
    },
    onCancel: () => heard.push('cancel'),
  });
  logind.start();
  return { programs, heard, shutdown, clock };
}

afterEach(() => logind.stop());

describe('logind', () => {
  it('holds the machine up until the shutdown has been seen through', async () => {
    const { programs, heard, shutdown } = start();
    await eventually(() => expect(programs.locks).toEqual([true]));
    programs.say(true);
    await eventually(() => expect(heard).toEqual(['shutdown']));
    expect(programs.locks).toEqual([true]);
    shutdown.resolve();
    await eventually(() => expect(programs.locks).toEqual([false]));
  });

  it('hears when the machine stays up after all, and takes a lock for the next time', async () => {
    const { programs, heard, shutdown } = start();
    await eventually(() => expect(programs.locks).toEqual([true]));
    shutdown.resolve();
    programs.say(true);
    await eventually(() => expect(programs.locks).toEqual([false]));
    programs.say(false);
    await eventually(() => expect([heard, programs.locks]).toEqual([['shutdown', 'cancel'], [false, true]]));
  });

  it('passes over what else is on the bus, and listens again when its program ends', async () => {
    const { programs, heard, clock } = start();
    await eventually(() => expect(programs.all).toHaveLength(2));
    programs.say('yes');
    programs.all[0]?.lines.push('no JSON');
    programs.all[0]?.lines.end();
    await eventually(async () => {
      await clock.advance(1_000);
      expect(programs.locks).toEqual([false, true]);
    });
    expect(heard).toEqual([]);
  });

  it('leaves a machine without a bus alone', async () => {
    const { programs } = start('/nowhere');
    await logind.stop();
    expect(programs.all).toEqual([]);
  });
});
