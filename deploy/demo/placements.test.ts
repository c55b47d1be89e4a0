import { describe, expect, it } from 'vitest';
import { placements } from './placements.ts';

describe('placements', () => {
  it('reads the scores of each bound pod from the scheduler log, best first', () => {
    const log = [
      '{"msg":"scheduling"}',
      '{"msg":"pod bound","pod":"default/web","scores":[{"node":"node-1","total":3},{"node":"node-2","total":7}]}',
      '',
    ].join('\n');
    expect(placements(log)).toEqual(new Map([['web', 'node-2 7, node-1 3']]));
  });
});
