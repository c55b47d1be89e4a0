import type { Node } from '@podling/shared/api';
import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { Failures } from '../failures.ts';
import type { RestMapping } from './rest-mapping.ts';
import { readObject, selectObjects } from './selection.ts';
import type { SelectionOptions } from './selection.ts';

export interface SelectedNode {
  mapping: RestMapping;
  node: Node;
}

/** The nodes that `(NODE… | node/NODE… | -l SELECTOR | --all)` names, as they are now. Throws before the first use if one is missing. */
export async function selectNodes(factory: Factory, words: readonly string[], { selector, all }: Pick<SelectionOptions, 'selector' | 'all'>): Promise<SelectedNode[]> {
  const isByName = words.length > 0;
  const named = isByName ? words.map((word) => (word.includes('/') ? word : `nodes/${word}`)) : ['nodes'];
  const options = isByName ? {} : { ...(selector === undefined ? {} : { selector }), ...(all === undefined ? {} : { all }) };
  const selected = await selectObjects(factory, named, options, new Failures(factory));
  return Promise.all(selected.map(async ({ object, ...target }) => {
    const { mapping } = target;
    if (mapping.kind !== 'Node' || mapping.group !== '') throw new CommandError(`expected resource of type node, got ${JSON.stringify(mapping.resource)}`);
    return { mapping, node: { ...(object ?? (await readObject(factory, target))), apiVersion: 'v1', kind: 'Node' } as unknown as Node };
  }));
}
