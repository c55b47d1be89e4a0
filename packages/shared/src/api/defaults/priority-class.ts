import type { PriorityClass } from '../priority-class.ts';
import { fill } from './fill.ts';

export function defaultPriorityClass(priorityClass: PriorityClass): PriorityClass {
  return fill(priorityClass, { preemptionPolicy: 'PreemptLowerPriority' });
}
