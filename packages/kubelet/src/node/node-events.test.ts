import type { NodeCondition, NodeStatus } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { nodeEvents } from './node-events.ts';

const status = (verdicts: Record<string, NodeCondition['status']>, bootID = 'b1'): NodeStatus => ({
  conditions: Object.entries(verdicts).map(([type, verdict]) => ({ type, status: verdict })),
  nodeInfo: { bootID } as NonNullable<NodeStatus['nodeInfo']>,
});
const good = { MemoryPressure: 'False', DiskPressure: 'False', PIDPressure: 'False', Ready: 'True' } as const;

describe('nodeEvents', () => {
  it.each([
    [status({}), status(good), ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID']],
    [status(good), status(good), []],
    [status(good), status({ ...good, Ready: 'False', MemoryPressure: 'True' }), ['NodeHasInsufficientMemory', 'NodeNotReady']],
    [status({ ...good, Ready: 'Unknown', DiskPressure: 'True', PIDPressure: 'True' }), status(good), ['NodeHasNoDiskPressure', 'NodeHasSufficientPID', 'NodeReady']],
    [status(good), status(good, 'b2'), ['Rebooted']],
  ])('tells of what has changed, of a new node all but its readiness', (before, after, expected) => {
    expect(nodeEvents('n1', before, after).map(({ reason }) => reason)).toEqual(expected);
  });

  it('has the words of Kubernetes', () => {
    expect(nodeEvents('n1', status(good), status({ ...good, Ready: 'False' }, 'b2'))).toEqual([
      { type: 'Warning', reason: 'Rebooted', message: 'Node n1 has been rebooted, boot id: b2' },
      { type: 'Normal', reason: 'NodeNotReady', message: 'Node n1 status is now: NodeNotReady' },
    ]);
  });
});
