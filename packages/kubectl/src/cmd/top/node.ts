import type { KubeList, Node, NodeMetrics } from '@podling/shared/api';
import { CommandError, usageError } from '../../errors.ts';
import type { Factory } from '../../factory.ts';
import { nodeUsageRows } from '../../printers/usage.ts';
import type { Verb } from '../../verb.ts';
import { askMetrics, printUsage, sortOf, topFlags } from './metrics-api.ts';
import type { TopOptions } from './metrics-api.ts';

interface TopNodeOptions extends TopOptions {
  showCapacity?: boolean;
}

const usage = '[NAME | -l label]';

async function nodesOf(factory: Factory, name: string | undefined, selector: string | undefined): Promise<Node[]> {
  const rest = await factory.client();
  const path = '/api/v1/nodes';
  if (name !== undefined) return [await rest.request<Node>({ path: `${path}/${encodeURIComponent(name)}` })];
  return (await rest.request<KubeList<Node>>({ path, query: { labelSelector: selector } })).items;
}

/** Prints what nodes use, and how much that is of what they have to give. */
async function topNode(factory: Factory, words: string[], options: TopNodeOptions): Promise<number> {
  const [name, ...others] = words;
  const { selector, headers, showCapacity = false } = options;
  if (others.length > 0) throw usageError('top node', `node ${usage}`);
  const sortBy = sortOf(options);
  if (name !== undefined && selector) throw new CommandError('only one of NAME or --selector can be provided');
  const metrics = await askMetrics<NodeMetrics>(factory, 'nodes', { name, query: { labelSelector: selector } });
  if (metrics.length === 0) throw new CommandError('metrics not available yet');
  const nodes = await nodesOf(factory, name, selector);
  const available = new Map(nodes.map(({ metadata, status }) => [metadata.name, (showCapacity ? status?.capacity : status?.allocatable) ?? {}]));
  printUsage(factory, nodeUsageRows(metrics, available, { headers, sortBy }));
  return 0;
}

export const verb: Verb<TopNodeOptions> = {
  usage: `${usage} [flags]`,
  flags: (command) => {
    topFlags(command);
    command.option('--show-capacity', 'as parts of the capacity, not of what pods may have');
  },
  run: topNode,
};
