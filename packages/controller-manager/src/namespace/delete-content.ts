import type { ContentResource, NamespaceContent } from './namespace-content.ts';

/** How long objects with finalizers are given before the next look. */
const finalizerEstimateSeconds = 15;

/** What one pass over a namespace has found. */
export interface DeletionPass {
  discoveryFailures: string[];
  contentFailures: string[];
  /** `pods.` → how many are left. */
  remaining: Map<string, number>;
  /** Finalizer → how many objects it holds. */
  finalizers: Map<string, number>;
  /** After how long more may have gone; 0: nothing is known to be on its way. */
  estimateSeconds: number;
}

const isPods = ({ group, resource }: ContentResource): boolean => group === '' && resource === 'pods';

/**
 * Deletes the content of a namespace: pods first, with their grace, so that they never run without what they use; the rest
 * once no pod is left. Resources that fail do not keep the others. `elapsedSeconds` since the namespace was deleted.
 */
export async function deleteContent(content: NamespaceContent, namespace: string, elapsedSeconds: number): Promise<DeletionPass> {
  const pass: DeletionPass = { discoveryFailures: [], contentFailures: [], remaining: new Map(), finalizers: new Map(), estimateSeconds: 0 };
  const { resources, failures } = await content.discover();
  pass.discoveryFailures.push(...failures);
  const stages = [resources.filter(isPods), resources.filter((resource) => !isPods(resource))];
  for (const stage of stages) {
    await Promise.all(stage.map((resource) => deleteResource({ content, namespace, elapsedSeconds, pass }, resource)));
    if (pass.remaining.size > 0) break;
  }
  return pass;
}

interface Work {
  content: NamespaceContent;
  namespace: string;
  elapsedSeconds: number;
  pass: DeletionPass;
}

async function deleteResource({ content, namespace, elapsedSeconds, pass }: Work, resource: ContentResource): Promise<void> {
  const name = `${resource.resource}.${resource.group}`;
  try {
    await content.deleteAll(resource, namespace);
    const left = await content.list(resource, namespace);
    if (left.length === 0) return;
    pass.remaining.set(name, left.length);
    const held = left.flatMap(({ finalizers = [] }) => finalizers);
    for (const finalizer of held) pass.finalizers.set(finalizer, (pass.finalizers.get(finalizer) ?? 0) + 1);
    const graceSeconds = left.reduce((longest, { deletionGracePeriodSeconds = 0 }) => Math.max(longest, deletionGracePeriodSeconds), 0);
    const estimate = graceSeconds > elapsedSeconds ? graceSeconds : held.length > 0 ? finalizerEstimateSeconds : 0;
    if (estimate === 0) pass.contentFailures.push(`unexpected items still remain in namespace: ${namespace} for resource: ${name}`);
    pass.estimateSeconds = Math.max(pass.estimateSeconds, estimate);
  } catch (error) {
    pass.contentFailures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
