import { describe, expect, it } from 'vitest';
import { nextState, noPressure, type PressureState } from './pressure-state.ts';
import type { Observations, Signal } from './signals.ts';
import type { Threshold } from './thresholds.ts';

const hard: Threshold = { signal: 'memory.available', value: { quantity: '100', amount: 100 }, gracePeriodMs: 0, minReclaim: { share: 0.05 } };
const soft: Threshold = { signal: 'nodefs.available', value: { share: 0.2 }, gracePeriodMs: 30_000 };
const transitionMs = 60_000;

const seen = (figures: Partial<Record<Signal, number>>, second: number): Observations =>
  new Map(Object.entries(figures).map(([signal, available]) => [signal as Signal, { available, capacity: 1000, time: new Date(second * 1_000).toISOString() }]));

/** Looks once for each row of [second, what is available], and tells what each finds. */
function look(thresholds: Threshold[], rows: [second: number, figures: Partial<Record<Signal, number>>][], periodMs = transitionMs): [conditions: string, starved: string][] {
  let before: PressureState = noPressure;
  return rows.map(([second, figures]) => {
    const { state, starved } = nextState(before, thresholds, seen(figures, second), periodMs, second * 1_000);
    before = state;
    return [state.conditions.join(), starved.map(({ signal }) => signal).join()];
  });
}

describe('pressure', () => {
  it('comes with a hard threshold at once', () => {
    expect(look([hard], [[0, { 'memory.available': 100 }], [10, { 'memory.available': 99 }]])).toEqual([['', ''], ['MemoryPressure', 'memory.available']]);
  });

  it('is told while it lasts where its condition goes at once', () => {
    expect(look([hard], [[0, { 'memory.available': 99 }], [10, { 'memory.available': 500 }]], 0).map(([conditions]) => conditions)).toEqual(['MemoryPressure', '']);
  });

  it('of a soft threshold is told at once, and acted on when its grace is over', () => {
    const low = { 'nodefs.available': 150 };
    expect(look([soft], [[0, low], [20, low], [30, low]])).toEqual([['DiskPressure', ''], ['DiskPressure', ''], ['DiskPressure', 'nodefs.available']]);
  });

  it('of a soft threshold begins anew when there was enough in between', () => {
    const low = { 'nodefs.available': 150 };
    expect(look([soft], [[0, low], [20, { 'nodefs.available': 500 }], [40, low], [50, low]]).map(([, starved]) => starved)).toEqual(['', '', '', '']);
  });

  it('is acted on until the minimum is reclaimed', () => {
    const figures = [99, 149, 150].map((available, index): [number, object] => [index * 10, { 'memory.available': available }]);
    expect(look([hard], figures).map(([, starved]) => starved)).toEqual(['memory.available', 'memory.available', '']);
    expect(look([hard], figures.slice(1)).map(([, starved]) => starved)).toEqual(['', '']);
  });

  it('goes when it was not seen for the transition period', () => {
    expect(look([hard], [[0, { 'memory.available': 1 }], [59, { 'memory.available': 500 }], [60, { 'memory.available': 500 }]]).map(([conditions]) => conditions))
      .toEqual(['MemoryPressure', 'MemoryPressure', '']);
  });

  it('is not acted on twice by one measurement', () => {
    const once = nextState(noPressure, [hard], seen({ 'memory.available': 1 }, 5), transitionMs, 5_000);
    const again = nextState(once.state, [hard], seen({ 'memory.available': 1 }, 5), transitionMs, 6_000);
    expect([once.starved, again.starved, again.state.conditions]).toEqual([[hard], [], ['MemoryPressure']]);
  });

  it('is acted on when the clock was set back', () => {
    const before = nextState(noPressure, [hard], seen({ 'memory.available': 1 }, 500), transitionMs, 5_000);
    expect(nextState(before.state, [hard], seen({ 'memory.available': 1 }, 5), transitionMs, 6_000).starved).toEqual([hard]);
  });

  it('of what nobody has measured is not there', () => {
    expect(look([hard, soft], [[0, {}]])).toEqual([['', '']]);
  });
});
