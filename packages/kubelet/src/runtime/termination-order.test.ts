import { settle } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { TerminationOrder } from './termination-order.ts';

const pod = podOf([{ name: 'a' }, { name: 'b' }], {
  initContainers: [{ name: 'first', restartPolicy: 'Always' }, { name: 'once' }, { name: 'last', restartPolicy: 'Always' }],
});

function watch(order: TerminationOrder, names: readonly string[]): string[] {
  const came: string[] = [];
  for (const name of names) void order.turnOf(name).then(() => came.push(name));
  return came;
}

describe('TerminationOrder', () => {
  it('lets the app end at once, then sidecars from the last to the first', async () => {
    const order = new TerminationOrder(pod, ['a', 'b', 'first', 'last']);
    const came = watch(order, ['first', 'last', 'a', 'b']);
    await settle();
    expect(came).toEqual(['a', 'b']);
    order.ended('a');
    await settle();
    expect(came).toEqual(['a', 'b']);
    order.ended('b');
    await settle();
    expect(came).toEqual(['a', 'b', 'last']);
    order.ended('last');
    await settle();
    expect(came).toEqual(['a', 'b', 'last', 'first']);
  });

  it('waits for nothing that does not run', async () => {
    const came = watch(new TerminationOrder(pod, ['first']), ['first']);
    await settle();
    expect(came).toEqual(['first']);
  });
});
