import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordStore } from './record-store.ts';

describe('RecordStore', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'podling-records-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is found again by the next process', () => {
    new RecordStore<{ n: number }>(folder).write('a', { n: 1 });
    const next = new RecordStore<{ n: number }>(folder);
    expect(next.get('a')).toEqual({ n: 1 });
    next.remove('a');
    next.remove('a');
    expect(new RecordStore(folder).values()).toEqual([]);
  });

  it('shared with others shows what they write and remove', () => {
    const [shared, other] = [new RecordStore<{ n: number }>(folder, { shared: true }), new RecordStore<{ n: number }>(folder)];
    other.write('a', { n: 1 });
    expect([shared.get('a'), shared.values()]).toEqual([{ n: 1 }, [{ n: 1 }]]);
    other.write('a', { n: 2 });
    expect(shared.get('a')).toEqual({ n: 2 });
    other.remove('a');
    expect([shared.get('a'), shared.values()]).toEqual([undefined, []]);
  });

  it('is read by its owner alone', () => {
    const store = new RecordStore<{ env: string }>(folder);
    store.write('a', { env: 'PASSWORD=x' });
    expect(statSync(join(store.folder('a'), 'record.json')).mode & 0o777).toBe(0o600);
  });

  it('a write that was cut short leaves the record before it, or a stray folder', () => {
    const store = new RecordStore<{ n: number }>(folder);
    store.write('a', { n: 1 });
    writeFileSync(join(store.folder('a'), 'record.json.new'), '{"n":');
    mkdirSync(join(folder, 'b'));
    writeFileSync(join(folder, 'b/record.json.new'), '{');
    const next = new RecordStore<{ n: number }>(folder);
    expect(next.get('a')).toEqual({ n: 1 });
    expect(next.strays()).toEqual(['b']);
  });

  it.each(['', '{"n":', '\0\0\0\0', 'null', '7'])('a record that says %j is none', (text) => {
    mkdirSync(join(folder, 'a'));
    writeFileSync(join(folder, 'a/record.json'), text);
    const store = new RecordStore<{ n: number }>(folder);
    expect([store.values(), store.strays()]).toEqual([[], ['a']]);
  });

  it('a record that cannot be written leaves the one before it, in memory too', () => {
    const store = new RecordStore<{ n: number }>(folder);
    store.write('a', { n: 1 });
    mkdirSync(join(store.folder('a'), 'record.json.new'));
    expect(() => store.write('a', { n: 2 })).toThrow('EISDIR');
    expect([store.get('a'), new RecordStore(folder).get('a')]).toEqual([{ n: 1 }, { n: 1 }]);
  });
});
