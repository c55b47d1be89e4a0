import type { KubeList, Pod, PodMetrics } from '@podling/shared/api';
import { CommandError, usageError } from '../../errors.ts';
import type { Factory } from '../../factory.ts';
import { podUsageRows } from '../../printers/usage.ts';
import type { Verb } from '../../verb.ts';
import { askMetrics, printUsage, sortOf, topFlags } from './metrics-api.ts';
import type { TopOptions } from './metrics-api.ts';

interface TopPodOptions extends TopOptions {
  fieldSelector?: string;
  allNamespaces?: boolean;
  containers?: boolean;
  sum?: boolean;
}

const usage = '[NAME | -l label]';
/** Younger pods need not have figures. */
const metricsCreationDelayMs = 120_000;

/** Says why no pod has figures, when there are pods. Answers when there are none. */
async function explainEmpty(factory: Factory, path: string, query: Record<string, string | undefined>): Promise<void> {
  const { items } = await (await factory.client()).request<KubeList<Pod>>({ path, query });
  if (items.length === 0) return;
  const { formatDurationMs } = await import('@podling/shared/util');
  for (const { metadata } of items) {
    const ageMs = factory.io.now() - Date.parse(metadata.creationTimestamp ?? '');
    if (ageMs > metricsCreationDelayMs) throw new CommandError(`Metrics not available for pod ${metadata.namespace}/${metadata.name}, age: ${formatDurationMs(ageMs)}`);
  }
  throw new CommandError('metrics not available yet');
}

/** Prints what pods use, or each of their containers. */
async function topPod(factory: Factory, words: string[], options: TopPodOptions): Promise<number> {
  const [name, ...others] = words;
  const { selector, fieldSelector, allNamespaces = false, containers = false, sum = false, headers } = options;
  if (others.length > 0) throw usageError('top pod', `pod ${usage}`);
  const sortBy = sortOf(options);
  if (name !== undefined && (selector || fieldSelector)) throw new CommandError('only one of NAME or selector can be provided');
  const namespace = await factory.namespace();
  const place = allNamespaces ? 'pods' : `namespaces/${encodeURIComponent(namespace)}/pods`;
  const query = { labelSelector: selector, fieldSelector };
  const metrics = await askMetrics<PodMetrics>(factory, place, { name, query });
  if (metrics.length === 0) {
    await explainEmpty(factory, `/api/v1/${place}`, query);
    factory.io.err(allNamespaces ? 'No resources found\n' : `No resources found in ${namespace} namespace.\n`);
    return 0;
  }
  printUsage(factory, podUsageRows(metrics, { headers, sortBy, withNamespace: allNamespaces, containers, sum }));
  return 0;
}

export const verb: Verb<TopPodOptions> = {
  usage: `${usage} [flags]`,
  flags: (command) => {
    topFlags(command);
    command
      .option('--field-selector <selector>', 'field selector')
      .option('-A, --all-namespaces', 'across all namespaces')
      .option('--containers', 'a row for each container')
      .option('--sum', 'and what all use together');
  },
  run: topPod,
};
