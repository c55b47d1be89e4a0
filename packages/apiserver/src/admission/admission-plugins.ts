import type { Clock } from '@podling/shared/util';
import type { AdmissionPlugin } from './admission.ts';
import { defaultTolerationSeconds } from './plugins/default-toleration-seconds.ts';
import { createNodeRestriction } from './plugins/node-restriction.ts';
import type { NodeRestrictionLookups } from './plugins/node-restriction.ts';
import { createNamespaceLifecycle } from './plugins/namespace-lifecycle.ts';
import type { NamespaceLookup } from '../registry/namespace/require-active.ts';
import { createPriority } from './plugins/priority.ts';
import type { PriorityClassLookup } from './plugins/priority.ts';
import { createRuntimeClass } from './plugins/runtime-class.ts';
import type { RuntimeClassLookup } from './plugins/runtime-class.ts';
import { createServiceAccount } from './plugins/service-account.ts';
import type { ServiceAccountLookup } from './plugins/service-account.ts';
import { taintNodesByCondition } from './plugins/taint-nodes-by-condition.ts';

/** What the plugins ask of the registries. */
export interface AdmissionLookups {
  namespaces: NamespaceLookup;
  priorityClasses: PriorityClassLookup;
  runtimeClasses: RuntimeClassLookup;
  serviceAccounts: ServiceAccountLookup;
  nodeRestriction: NodeRestrictionLookups;
}

export interface AdmissionPluginsOptions {
  lookups: AdmissionLookups;
  /** Names of plugins that are left out. */
  disabled: readonly string[];
  clock: Clock;
}

/** The plugins, in the order in which they run: Kubernetes' own. Throws for a name that none of them has. */
export function admissionPlugins({ lookups, disabled, clock }: AdmissionPluginsOptions): AdmissionPlugin[] {
  const all = allPlugins(lookups, clock);
  const unknown = disabled.find((name) => all.every((plugin) => plugin.name !== name));
  if (unknown !== undefined) throw new Error(`admission plugin ${JSON.stringify(unknown)} is unknown`);
  return all.filter(({ name }) => !disabled.includes(name));
}

function allPlugins({ namespaces, priorityClasses, runtimeClasses, serviceAccounts, nodeRestriction }: AdmissionLookups, clock: Clock): AdmissionPlugin[] {
  return [
    createNamespaceLifecycle(namespaces),
    createServiceAccount(serviceAccounts, clock),
    createNodeRestriction(nodeRestriction),
    taintNodesByCondition,
    createPriority(priorityClasses),
    defaultTolerationSeconds,
    createRuntimeClass(runtimeClasses),
  ];
}
