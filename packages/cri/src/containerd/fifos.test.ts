import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fifos } from './fifos.ts';

describe('Fifos', () => {
  let folder: string;
  let spares: string;

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
    const fifos = new Fifos(spares);
    fifos.prepare();
    const [ahead, late] = [target('ahead'), target('late')];
    await Promise.all([fifos.make(ahead, false), fifos.make(late, true, true)]);
    expect(readdirSync(ahead)).toEqual(['stderr', 'stdout']);
    expect(readdirSync(late)).toEqual(['stdin', 'stdout']);
    const stats = statSync(join(ahead, 'stdout'));
    expect([stats.isFIFO(), stats.mode & 0o777]).toEqual([true, 0o600]);
    expect(readdirSync(spares)).toHaveLength(14);
    fifos.prepare();
    expect(readdirSync(spares)).toHaveLength(14);
  });

  it('given back are used again', async () => {
    const fifos = new Fifos(spares);
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
    expect(new Fifos(spares)).toBeInstanceOf(Fifos);
    expect(readdirSync(spares)).toEqual([]);
  });
});
