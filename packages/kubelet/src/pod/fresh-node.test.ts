import type { Node } from '@podling/shared/api';
import { FakeClock } from '@podling/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { FreshNode } from './fresh-node.ts';

const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', labels: { disk: 'ssd' } } };
const affinity = { reason: 'NodeAffinity', message: 'no such label' };
const shortage = { reason: 'OutOfpods', message: 'no room' };
let answer: PromiseWithResolvers<Node>;
let reads: number;
let woken: string[];
let fresh: FreshNode;

beforeEach(() => {
  answer = Promise.withResolvers();
  [reads, woken] = [0, []];
  fresh = new FreshNode({
    read: () => {
      reads += 1;
      return answer.promise;
    },
    wake: (uid) => woken.push(uid), clock: new FakeClock(),
  });
});

const answered = async (): Promise<void> => void (await new Promise(setImmediate));

describe('FreshNode', () => {
  it('reads the node once for a pod that lacks a label, and wakes the pod', async () => {
    expect(fresh.mayMend('a', [affinity])).toBeDefined();
    expect(fresh.mayMend('a', [affinity])).toBeDefined();
    answer.resolve(node);
    await answered();
    expect([reads, woken, fresh.of('a'), fresh.of('b')]).toEqual([1, ['a'], node, undefined]);
    expect(fresh.mayMend('a', [affinity])).toBeUndefined();
  });

  it('reads nothing for one that lacks something else as well', () => {
    expect(fresh.mayMend('a', [affinity, shortage])).toBeUndefined();
    expect(reads).toBe(0);
  });

  it('decides by what is known when the node cannot be read', async () => {
    fresh.mayMend('a', [affinity]);
    answer.reject(new Error('away'));
    await answered();
    expect([woken, fresh.of('a'), fresh.mayMend('a', [affinity])]).toEqual([['a'], undefined, undefined]);
  });

  it('keeps nothing of a pod that goes meanwhile', async () => {
    fresh.mayMend('a', [affinity]);
    fresh.forgetPod('a');
    answer.resolve(node);
    await answered();
    expect(fresh.of('a')).toBeUndefined();
  });
});
