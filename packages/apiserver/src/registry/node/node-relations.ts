import { isMirrorPod, namespaceOf } from '@podling/shared/api';
import type { Pod } from '@podling/shared/api';
import { podReferences, type PodReferences } from '@podling/shared/scheme';
import type { NodeRelations, RelatedKind } from '../../authorization/node-authorizer.ts';
import type { ObjectCache } from '../generic/object-cache.ts';

/** Answers from the pods that memory has under a node's name. */
export class PodNodeRelations implements NodeRelations {
  readonly #pods: ObjectCache<Pod>;
  readonly #references = new WeakMap<Pod, PodReferences>();

  /** `pods` are indexed by `spec.nodeName`. */
  constructor(pods: ObjectCache<Pod>) {
    this.#pods = pods;
  }

  isRelated(nodeName: string, kind: RelatedKind, namespace: string, name: string): boolean {
    for (const pod of this.#pods.byIndex(nodeName)) {
      if (namespaceOf(pod) === namespace && this.#needs(pod, kind, name)) return true;
    }
    return false;
  }

  /** A mirror pod is the node's own word, so it opens nothing. */
  #needs(pod: Pod, kind: RelatedKind, name: string): boolean {
    if (kind !== 'Pod' && isMirrorPod(pod)) return false;
    switch (kind) {
      case 'Pod': return pod.metadata.name === name;
      case 'ServiceAccount': return pod.spec.serviceAccountName === name;
      case 'Secret': return this.#referencesOf(pod).secrets.has(name);
      case 'ConfigMap': return this.#referencesOf(pod).configMaps.has(name);
    }
  }

  #referencesOf(pod: Pod): PodReferences {
    const known = this.#references.get(pod);
    if (known) return known;
    const references = podReferences(pod.spec);
    this.#references.set(pod, references);
    return references;
  }
}
