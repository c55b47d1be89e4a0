import { maxNodeScore } from '../framework.ts';
import type { ScorePlugin } from '../framework.ts';

/** Prefers nodes with the most cpu and memory left: the mean of the free shares with the pod in place. */
export const leastAllocated: ScorePlugin = {
  name: 'NodeResourcesLeastAllocated',
  weight: 1,
  scorerFor({ scoringRequests: pod }) {
    return ({ allocatable, scoringRequested: used }) => {
      const cpu = freeShare(used.milliCpu + pod.milliCpu, allocatable.milliCpu);
      const memory = freeShare(used.memoryBytes + pod.memoryBytes, allocatable.memoryBytes);
      return Math.floor((cpu + memory) / 2);
    };
  },
};

function freeShare(used: number, allocatable: number): number {
  return used >= allocatable ? 0 : Math.floor(((allocatable - used) * maxNodeScore) / allocatable);
}
