import type { NodeCondition, Taint } from '@podling/shared/api';
import { buildNode } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { desiredTaints } from './node-taints.ts';

const nowMs = Date.UTC(2026, 0, 1);
const timeAdded = '2026-01-01T00:00:00Z';
const taint = (key: string, effect: Taint['effect']): Taint => ({ key: `node.kubernetes.io/${key}`, effect });
const ready = (status: NodeCondition['status']): NodeCondition => ({ type: 'Ready', status });
const foreign: Taint = { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' };

describe('desiredTaints', () => {
  it.each<[string, Parameters<typeof buildNode>[0], Taint[] | undefined]>([
    ['leaves a Ready node as it is', { conditions: [ready('True')], taints: [foreign] }, undefined],
    ['takes the registration taint off a Ready node', { conditions: [ready('True')], taints: [foreign, taint('not-ready', 'NoSchedule')] }, [foreign]],
    ['taints a node that is not Ready', { conditions: [ready('False')] }, [taint('not-ready', 'NoSchedule'), taint('not-ready', 'NoExecute')]],
    [
      'turns not-ready into unreachable',
      { conditions: [ready('Unknown')], taints: [taint('not-ready', 'NoSchedule'), foreign, taint('not-ready', 'NoExecute')] },
      [foreign, taint('unreachable', 'NoSchedule'), taint('unreachable', 'NoExecute')],
    ],
    ['mirrors unschedulable', { unschedulable: true }, [taint('unschedulable', 'NoSchedule')]],
    ['takes that off again', { taints: [taint('unschedulable', 'NoSchedule')] }, []],
    ['taints under pressure', { conditions: [ready('True'), { type: 'DiskPressure', status: 'True' }] }, [taint('disk-pressure', 'NoSchedule')]],
    ['leaves a node alone that never spoke', { conditions: [], taints: [taint('not-ready', 'NoSchedule')] }, undefined],
  ])('%s', (_what, parts, expected) => {
    const known = new Set((parts?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`));
    const stamped = expected?.map((one) => (known.has(`${one.key}:${one.effect}`) ? one : { ...one, timeAdded }));
    expect(desiredTaints(buildNode(parts), nowMs)).toEqual(stamped);
  });

  it('keeps the time at which a taint was added', () => {
    const present = { ...taint('not-ready', 'NoExecute'), timeAdded: '2020-01-01T00:00:00Z' };
    expect(desiredTaints(buildNode({ conditions: [ready('False')], taints: [present] }), nowMs)).toContainEqual(present);
  });
});
