import type { LinuxResources } from '@podling/cri';
import { describe, expect, it } from 'vitest';
import { figuresWith } from '../testing/figures.ts';
import { containerOf, podOf } from '../testing/runtime-objects.ts';
import { computeResize, type ContainerResize } from './compute-resize.ts';
import { PodResizer } from './pod-resizer.ts';

const figures = figuresWith();

type Amounts = { cpu: string; memory: string };

const resources = (amounts: Amounts) => ({ requests: amounts, limits: amounts });

/** What is done to bring containers from one size to another; `used`: bytes in use by name. */
async function steps(changes: Record<string, [from: Amounts, to: Amounts]>, used: Record<string, number> = {}, refused?: string): Promise<{ steps: string[]; error: unknown }> {
  const pod = podOf(Object.entries(changes).map(([name, [, to]]) => ({ name, resources: resources(to) })));
  const running = Object.entries(changes).map(([name, [from]]) => containerOf(pod, name, { resources: figures.cgroupResources(pod, { name, resources: resources(from) }) }));
  const update: ContainerResize[] = computeResize(pod, { uid: 'u', sandboxes: [], containers: running }, [], figures).update;
  const done: string[] = [];
  const runtime = {
    containerStats: async (id: string) => ({ memoryUsageBytes: used[id.replace(/-0$/, '')] ?? 0 }) as never,
    updateContainerResources: async (id: string, wanted: LinuxResources) => {
      if (refused === id) throw new Error('the kernel refuses');
      done.push(`${id} ${JSON.stringify(wanted)}`);
    },
  };
  const cgroups = { parentOf: () => '/p', listUids: async () => [], ensure: async () => void done.push('pod exactly'), widen: async () => void done.push('pod wider'), memoryUsageBytes: async () => used['pod'] ?? 0, remove: async () => undefined, removeEmpty: async () => true };
  const error: unknown = await new PodResizer(runtime, cgroups, figures).resize(pod, update).catch((cause: unknown) => cause);
  return { steps: done, error };
}

const small = { cpu: '100m', memory: '1Mi' };
const large = { cpu: '200m', memory: '2Mi' };

describe('PodResizer', () => {
  it('widens the pod, takes from containers before it gives, and narrows the pod at the end', async () => {
    expect((await steps({ grows: [small, large], shrinks: [large, small] })).steps).toEqual([
      'pod wider',
      'shrinks-0 {"memoryLimitBytes":1048576}',
      'grows-0 {"memoryLimitBytes":2097152}',
      'shrinks-0 {"cpuShares":102,"cpuPeriod":100000,"cpuQuota":10000}',
      'grows-0 {"cpuShares":204,"cpuPeriod":100000,"cpuQuota":20000}',
      'pod exactly',
    ]);
  });

  it('leaves what stays the same', async () => {
    expect((await steps({ web: [small, { ...small, memory: '2Mi' }] })).steps).toEqual(['pod wider', 'web-0 {"memoryLimitBytes":2097152}', 'pod exactly']);
  });

  it('begins nothing when memory in use would not fit', async () => {
    const { steps: done, error } = await steps({ a: [large, small], b: [large, small] }, { a: 1_048_576, b: 1_500_000 });
    expect(done).toEqual([]);
    expect(error).toMatchObject({
      message: 'cannot decrease memory limits: [attempting to set container "a" memory limit (1048576) below current usage (1048576), attempting to set container "b" memory limit (1048576) below current usage (1500000)]',
    });
  });

  it('looks at the pod as a whole too', async () => {
    const { error } = await steps({ web: [large, small] }, { pod: 1_100_000, web: 1_000_000 });
    expect(error).toMatchObject({ message: 'cannot decrease memory limits: attempting to set pod memory limit (1048576) below current usage (1100000)' });
  });

  it('stops at a refusal, with the pod wide enough for what is in force', async () => {
    const { steps: done, error } = await steps({ a: [large, small], b: [small, large] }, {}, 'b-0');
    expect(error).toMatchObject({ message: 'the kernel refuses' });
    expect(done).toEqual(['pod wider', 'a-0 {"memoryLimitBytes":1048576}']);
  });
});
