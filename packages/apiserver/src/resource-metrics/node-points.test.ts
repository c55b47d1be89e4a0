import { describe, expect, it } from 'vitest';
import type { MetricsBatch, MetricsPoint } from './decode-metrics.ts';
import { NodePoints } from './node-points.ts';

/** CPU in seconds. */
const point = (timeMs: number, cpu: number, parts: Partial<MetricsPoint> = {}): MetricsPoint => ({ timeMs, startMs: 0, cpuNanoSeconds: cpu * 1e9, memoryBytes: 100, ...parts });

function batch(containers: Record<string, MetricsPoint>, node?: MetricsPoint): MetricsBatch {
  return { node, pods: new Map([['default/web', new Map(Object.entries(containers))]]) };
}

const cores = (points: NodePoints): number[] | undefined => points.pod('default', 'web')?.map(({ cpuNanoCores }) => cpuNanoCores / 1e9);

describe('the points of a node', () => {
  it('have no figures before the second reading', () => {
    const points = NodePoints.none.after(batch({ main: point(1000, 1) }, point(1000, 1)));
    expect([points.node(), points.pod('default', 'web'), points.isComplete]).toEqual([undefined, undefined, false]);
    expect(points.hasContainer('default', 'web', 'main')).toBe(true);
  });

  it('have processor time over the window, and memory of the last reading', () => {
    const points = NodePoints.none.after(batch({ main: point(1000, 1) }, point(1000, 10))).after(batch({ main: point(5000, 3, { memoryBytes: 7 }) }, point(3000, 13)));
    expect(points.pod('default', 'web')).toEqual([{ name: 'main', timestampMs: 5000, windowMs: 4000, cpuNanoCores: 5e8, memoryBytes: 7 }]);
    expect(points.node()).toEqual({ timestampMs: 3000, windowMs: 2000, cpuNanoCores: 1.5e9, memoryBytes: 100 });
    expect(points.isComplete).toBe(true);
  });

  it('show containers by name, and a pod only with all of them', () => {
    const first = NodePoints.none.after(batch({ main: point(1000, 1), init: point(1000, 1) }));
    expect(first.after(batch({ main: point(2000, 2), init: point(2000, 1) })).pod('default', 'web')?.map(({ name }) => name)).toEqual(['init', 'main']);
    const withNew = first.after(batch({ main: point(2000, 2), side: point(2000, 1) }));
    expect([withNew.pod('default', 'web'), withNew.isComplete]).toEqual([undefined, false]);
    expect(cores(withNew.after(batch({ main: point(3000, 3), side: point(3000, 3) })))).toEqual([1, 2]);
  });

  it('forget what is not read any more', () => {
    const points = NodePoints.none.after(batch({ main: point(1000, 1) })).after({ node: undefined, pods: new Map() });
    expect([points.hasContainer('default', 'web', 'main'), points.isComplete]).toEqual([false, true]);
    expect(points.after(batch({ main: point(2000, 2) })).pod('default', 'web')).toBeUndefined();
  });

  it.each<[string, MetricsPoint]>([
    ['another start', point(2000, 2, { startMs: 1500 })],
    ['less processor time', point(2000, 0.5)],
    ['an earlier time', point(500, 2)],
  ])('begin anew after %s', (_why, next) => {
    const points = NodePoints.none.after(batch({ main: point(0, 0) })).after(batch({ main: point(1000, 1) })).after(batch({ main: next }));
    expect(points.pod('default', 'web')).toBeUndefined();
  });

  it('go on where nobody says when a container began', () => {
    expect(cores(NodePoints.none.after(batch({ main: point(1000, 1, { startMs: undefined }) })).after(batch({ main: point(2000, 2) })))).toEqual([1]);
  });

  it('keep the earlier reading while the kubelet tells the same again', () => {
    const points = NodePoints.none.after(batch({ main: point(1000, 1) })).after(batch({ main: point(3000, 2) }));
    for (const again of [point(3000, 2), point(3400, 2.2)]) expect(points.after(batch({ main: again })).pod('default', 'web')?.[0]?.timestampMs).toBe(again.timeMs);
    expect(cores(points.after(batch({ main: point(3000, 2) })))).toEqual([0.5]);
  });

  it('keep longer windows at the second look for what is new', () => {
    const points = NodePoints.none.after(batch({ main: point(1000, 1) })).after(batch({ main: point(11_000, 2), side: point(11_000, 0) }));
    const filled = points.after(batch({ main: point(12_000, 3), side: point(12_000, 1) }), { keepsBases: true });
    expect(filled.pod('default', 'web')?.map(({ windowMs }) => windowMs)).toEqual([11_000, 1000]);
  });

  it('do not change', () => {
    const points = NodePoints.none.after(batch({ main: point(1000, 1) })).after(batch({ main: point(2000, 2) }));
    points.after({ node: undefined, pods: new Map() });
    expect(cores(points)).toEqual([1]);
    expect(NodePoints.none.isComplete).toBe(true);
  });
});
