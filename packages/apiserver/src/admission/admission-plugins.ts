import type { AdmissionPlugin } from './admission.ts';
import { defaultTolerationSeconds } from './plugins/default-toleration-seconds.ts';
import { createNamespaceLifecycle } from './plugins/namespace-lifecycle.ts';
import type { NamespaceLookup } from './plugins/namespace-lifecycle.ts';
import { createPriority } from './plugins/priority.ts';
import type { PriorityClassLookup } from './plugins/priority.ts';
import { createRuntimeClass } from './plugins/runtime-class.ts';
import type { RuntimeClassLookup } from './plugins/runtime-class.ts';

/** What the plugins ask of the registries. */
export interface AdmissionLookups {
  namespaces: NamespaceLookup;
  priorityClasses: PriorityClassLookup;
  runtimeClasses: RuntimeClassLookup;
}

/** All plugins, in the order in which they run: Kubernetes' own. */
export function admissionPlugins({ namespaces, priorityClasses, runtimeClasses }: AdmissionLookups): AdmissionPlugin[] {
  return [
    createNamespaceLifecycle(namespaces),
    createPriority(priorityClasses),
    defaultTolerationSeconds,
    createRuntimeClass(runtimeClasses),
  ];
}
