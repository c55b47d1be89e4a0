import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMetrics, podKey } from './decode-metrics.ts';

const readAtMs = 1_767_225_600_000;

/** The three series of one container. */
function container(labels: string, { cpu = '1.5 1000', memory = '2048 1000', start = '0.25' } = {}): string {
  return [`container_cpu_usage_seconds_total{${labels}} ${cpu}`, `container_memory_working_set_bytes{${labels}} ${memory}`, `container_start_time_seconds{${labels}} ${start}`].join('\n');
}

const main = 'container="main",namespace="default",pod="web"';
const pointOf = (text: string, pod = podKey('default', 'web'), name = 'main') => decodeMetrics(text, readAtMs).pods.get(pod)?.get(name);

describe('the text of /metrics/resource', () => {
  it('gives a point for the node and one for each container', () => {
    const text = [
      '# HELP node_cpu_usage_seconds_total Cumulative', 'node_cpu_usage_seconds_total 7.25 1700000000123', 'node_memory_working_set_bytes 4.096e+3 1700000000123',
      container(main), container('container="side",namespace="default",pod="web"'), 'pod_cpu_usage_seconds_total{namespace="default",pod="web"} 9 1', '',
    ].join('\n');
    const { node, pods } = decodeMetrics(text, readAtMs);
    expect(node).toEqual({ timeMs: 1_700_000_000_123, startMs: undefined, cpuNanoSeconds: 7.25e9, memoryBytes: 4096 });
    expect([...(pods.get('default/web')?.keys() ?? [])]).toEqual(['main', 'side']);
    expect(pods.get('default/web')?.get('main')).toEqual({ timeMs: 1000, startMs: 250, cpuNanoSeconds: 1.5e9, memoryBytes: 2048 });
  });

  it('is of the moment of reading where it names none', () => {
    expect(pointOf(container(main, { cpu: '1', memory: '1' }))?.timeMs).toBe(readAtMs);
  });

  it('may have labels in any order, further ones, and escapes', () => {
    expect(pointOf(container('id="/a,b}",pod="web",namespace="default",container="ma\\"in\\\\\\n"'), 'default/web', 'ma"in\\\n')).toBeDefined();
  });

  it('need not say when a container began', () => {
    expect(pointOf(container(main, { start: 'NaN' }))).toMatchObject({ startMs: undefined, memoryBytes: 2048 });
  });

  it.each(['NaN', '+Inf', '-1', '', '1e400', 'x', '99999999999999999999'])('counts the value %j as not there', (value) => {
    expect(pointOf(container(main, { memory: value }))).toBeUndefined();
  });

  it.each(['-5', '9999999999999999', '1.5', 'x'])('takes no line with the time %j', (time) => {
    expect(pointOf(container(main, { cpu: `1 ${time}` }))).toBeUndefined();
  });

  it('leaves out a pod of which one container lacks a figure, and a node that does', () => {
    const { node, pods } = decodeMetrics(['node_cpu_usage_seconds_total 1 1', container(main), 'container_start_time_seconds{container="side",namespace="default",pod="web"} 1'].join('\n'), readAtMs);
    expect([node, pods.size]).toEqual([undefined, 0]);
  });

  it('can be anything', () => {
    const word = fc.constantFrom('node_cpu_usage_seconds_total', 'container_memory_working_set_bytes', '{container="', '",namespace="n",pod="p"}', '{', '}', '"', '\\', '\n', ' ', '1', '1e9', ' 170', '#');
    fc.assert(fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 40 }), (words) => {
      const { node, pods } = decodeMetrics(words.join(''), readAtMs);
      for (const point of [node, ...[...pods.values()].flatMap((pod) => [...pod.values()])]) {
        if (point) expect([point.cpuNanoSeconds, point.memoryBytes, new Date(point.timeMs).getTime()].every((value) => value >= 0)).toBe(true);
      }
    }));
  });

  it.each(['a="', 'a', '}', '} ', '\\"', 'a="b",', ' '])('takes no longer than its length for a line full of %j', (part) => {
    const noise = part.repeat(100_000);
    const lines = [`container_cpu_usage_seconds_total{${noise}} 1 1`, `container_cpu_usage_seconds_total{a="${noise}`, `container_cpu_usage_seconds_total ${noise}`];
    expect(decodeMetrics(`${lines.join('\n')}\n${container(main)}`, readAtMs).pods.get('default/web')?.size).toBe(1);
  });
});
