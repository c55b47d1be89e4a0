import { describe, expect, it } from 'vitest';
import { Indexer } from './indexer.ts';

describe('Indexer', () => {
  it('finds objects by every value of an index and follows changes', () => {
    const indexer = new Indexer<{ colors: string[] }>();
    indexer.set('a', { colors: ['red'] });
    indexer.addIndex('color', ({ colors }) => colors);
    indexer.set('b', { colors: ['red', 'blue'] });
    expect(indexer.byIndex('color', 'red')).toHaveLength(2);
    indexer.set('a', { colors: ['green'] });
    expect(indexer.byIndex('color', 'red')).toEqual([{ colors: ['red', 'blue'] }]);
    indexer.delete('b');
    expect(indexer.byIndex('color', 'red')).toEqual([]);
    expect(indexer.list()).toEqual([{ colors: ['green'] }]);
    expect(() => indexer.byIndex('shape', 'round')).toThrow('no index named shape');
  });
});
