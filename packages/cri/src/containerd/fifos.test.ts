import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@podling/shared/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fifos } from './fifos.ts';

describe('Fifos', () => {
  let folder: string;
  let spares: string;
  const clock = new FakeClock();

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'podling-fifos-'));
    spares = join(folder, 'fifos');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const target = (name: string): string => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };

  it('are made for each container, ahead or not, and many spares at once', async () => {
    const fifos = new Fifos(spares, clock);
    fifos.prepare();
    const [ahead, late] = [target('ahead'), target('late')];
    await Promise.all([fifos.make(ahead, false), fifos.make(late, true, true)]);
    expect(readdirSync(ahead)).toEqual(['stderr', 'stdout']);
    expect(readdirSync(late)).toEqual(['stdin', 'stdout']);
    const stats = statSync(join(ahead, 'stdout'));
    expect([stats.isFIFO(), stats.mode & 0o777]).toEqual([true, 0o600]);
    expect(readdirSync(spares)).toHaveLength(14);
    const soon = [fifos.prepareSoon(), fifos.prepareSoon()];
    await clock.advance(1_000);
    await Promise.all(soon);
    expect(readdirSync(spares)).toHaveLength(14);
    await Promise.all(Array.from({ length: 7 }, (_, index) => fifos.make(target(`more-${index}`), false)));
    const more = fifos.prepareSoon();
    expect(readdirSync(spares)).toHaveLength(7);
    await clock.advance(1_000);
    await more;
    expect(readdirSync(spares)).toHaveLength(23);
  });

  it('are not made ahead once closed', async () => {
    const fifos = new Fifos(spares, clock);
    fifos.prepare();
    await Promise.all(Array.from({ length: 10 }, (_, index) => fifos.make(target(`used-${index}`), false)));
    const soon = fifos.prepareSoon();
    await fifos.close();
    await soon;
    expect([clock.pendingTimers, readdirSync(spares).length]).toEqual([0, 6]);
  });

  it('given back are used again', async () => {
    const fifos = new Fifos(spares, clock);
    const [used, next] = [join(folder, 'used'), target('next')];
    await fifos.lend(used);
    const { ino } = statSync(join(used, 'stdout'));
    fifos.giveBack(used);
    await fifos.make(next, false);
    expect(statSync(join(next, 'stdout')).ino).toBe(ino);
    expect(readdirSync(folder).toSorted()).toEqual(['fifos', 'next']);
  });

  it('spares of an earlier process are removed', () => {
    mkdirSync(join(spares, 'old'), { recursive: true });
    expect(new Fifos(spares, clock)).toBeInstanceOf(Fifos);
    expect(readdirSync(spares)).toEqual([]);
  });
});
