import { isNotFound, newForbidden } from '@podling/shared/api';
import type { Pod, PriorityClass } from '@podling/shared/api';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';

export interface PriorityClassLookup {
  /** Rejects with 404. */
  get(name: string): Promise<PriorityClass>;
  list(): Promise<readonly PriorityClass[]>;
}

type Rank = Pick<PriorityClass, 'value' | 'preemptionPolicy'> & { name?: string };

const rankOf = ({ metadata: { name }, value, preemptionPolicy }: PriorityClass): Rank => ({ name, value, ...(preemptionPolicy ? { preemptionPolicy } : {}) });

/** Should two classes ever be default at once, the lower one counts. */
async function defaultClass(classes: PriorityClassLookup): Promise<PriorityClass | undefined> {
  const defaults = (await classes.list()).filter(({ globalDefault }) => globalDefault);
  return defaults.toSorted((a, b) => a.value - b.value)[0];
}

async function establish(classes: PriorityClassLookup, { resource, name }: AdmissionRequest, className: string | undefined): Promise<Rank> {
  if (!className) {
    const found = await defaultClass(classes);
    return found ? rankOf(found) : { value: 0, preemptionPolicy: 'PreemptLowerPriority' };
  }
  return rankOf(await classes.get(className).catch((error: unknown) => {
    throw isNotFound(error) ? newForbidden(resource, name, `no PriorityClass with name ${className} was found`) : error;
  }));
}

async function admitPod(classes: PriorityClassLookup, request: AdmissionRequest): Promise<void> {
  const { spec } = request.object as Pod;
  const rank = await establish(classes, request, spec.priorityClassName);
  const refuse = (what: string, given: unknown, computed: unknown): never => {
    const why = `the ${what} (${String(given)}) must not be provided in pod spec; priority admission controller computed ${String(computed)} from the given PriorityClass name`;
    throw newForbidden(request.resource, request.name, why);
  };
  if (spec.priority !== undefined && spec.priority !== rank.value) refuse('integer value of priority', spec.priority, rank.value);
  if (spec.preemptionPolicy && rank.preemptionPolicy && spec.preemptionPolicy !== rank.preemptionPolicy) {
    refuse('string value of PreemptionPolicy', spec.preemptionPolicy, rank.preemptionPolicy);
  }
  if (rank.name) spec.priorityClassName = rank.name;
  spec.priority = rank.value;
  if (rank.preemptionPolicy) spec.preemptionPolicy = rank.preemptionPolicy;
}

/** An update that says nothing of the priority keeps it; one that changes it is refused by validation. */
function keepPriority({ object, oldObject }: AdmissionRequest): void {
  const { spec } = object as Pod;
  const { priority, preemptionPolicy } = (oldObject as Pod).spec;
  if (spec.priority === undefined && priority !== undefined) spec.priority = priority;
  if (spec.preemptionPolicy === undefined && preemptionPolicy !== undefined) spec.preemptionPolicy = preemptionPolicy;
}

async function requireOneDefault(classes: PriorityClassLookup, { object, operation, resource, name }: AdmissionRequest): Promise<void> {
  if (!(object as PriorityClass).globalDefault) return;
  const present = await defaultClass(classes);
  if (!present || (operation === 'UPDATE' && present.metadata.name === name)) return;
  throw newForbidden(resource, name, `PriorityClass ${present.metadata.name} is already marked as default. Only one default can exist`);
}

/** A pod's priority comes from its class alone, or from the default class; at most one class is the default. */
export function createPriority(classes: PriorityClassLookup): AdmissionPlugin {
  return {
    name: 'Priority',
    async admit(request) {
      if (request.resource.kind !== 'Pod' || request.subresource !== '') return;
      if (request.operation === 'CREATE') await admitPod(classes, request);
      if (request.operation === 'UPDATE') keepPriority(request);
    },
    async validate(request) {
      if (request.resource.kind === 'PriorityClass' && request.operation !== 'DELETE') await requireOneDefault(classes, request);
    },
  };
}
