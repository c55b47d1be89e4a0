import type { Container, Pod } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { memorySize } from './empty-dirs.ts';

const Mi = 1024n * 1024n;
const limited = (name: string, memory?: string, restartPolicy?: 'Always'): Container => ({ name, ...(memory ? { resources: { limits: { memory } } } : {}), ...(restartPolicy ? { restartPolicy } : {}) });
const podWith = (containers: Container[], initContainers: Container[] = []): Pod => podOf(containers, { initContainers });

describe('memorySize', () => {
  it.each<[string, Pod, string | undefined, bigint]>([
    ['what the node has', podWith([limited('a')]), undefined, 1000n * Mi],
    ['what the node has, if the limit is larger', podWith([limited('a')]), '2Gi', 1000n * Mi],
    ['the limit', podWith([limited('a')]), '5Mi', 5n * Mi],
    ['what the node has, if the limit is 0', podWith([limited('a')]), '0', 1000n * Mi],
    ['what the pod may use', podWith([limited('a', '10Mi'), limited('b', '20Mi')]), '100Mi', 30n * Mi],
    ['the limit, if the pod may use more', podWith([limited('a', '10Mi')]), '3Mi', 3n * Mi],
    ['the limit, if one container may use all', podWith([limited('a', '10Mi'), limited('b')]), '100Mi', 100n * Mi],
    ['what an init container may use, if that is more', podWith([limited('a', '10Mi')], [limited('i', '50Mi')]), '100Mi', 50n * Mi],
    ['that of sidecars and containers together', podWith([limited('a', '10Mi')], [limited('s', '20Mi', 'Always'), limited('i', '5Mi')]), '100Mi', 30n * Mi],
  ])('is %s', (_, pod, sizeLimit, expected) => {
    expect(memorySize(pod, sizeLimit, 1000n * Mi)).toBe(expected);
  });
});
