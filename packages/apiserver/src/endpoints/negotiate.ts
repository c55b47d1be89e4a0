import { newNotAcceptable } from '@podling/shared/api';

/** The shape in which a client wants its answer. */
export interface Negotiated {
  encoding: 'json' | 'yaml';
  as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList';
}

interface Clause {
  type: string;
  parameters: Map<string, string>;
  quality: number;
}

const jsonTypes = new Set(['application/json', 'application/*', '*/*']);

function parseClause(text: string): Clause {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const pairs = rest.map((part): [string, string] => {
    const [key = '', value = ''] = part.split('=', 2);
    return [key.trim().toLowerCase(), value.trim()];
  });
  const parameters = new Map(pairs);
  const quality = Number(parameters.get('q') ?? '1');
  return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality };
}

function transformOf({ parameters }: Clause): Negotiated['as'] | undefined {
  const as = parameters.get('as');
  if (as === undefined) return 'object';
  const group = `${parameters.get('g')}/${parameters.get('v')}`;
  if (as === 'Table' && (group === 'meta.k8s.io/v1' || group === 'meta.k8s.io/v1beta1')) return 'Table';
  if ((as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') && group === 'meta.k8s.io/v1') return as;
  return as === 'APIGroupDiscoveryList' && group === 'apidiscovery.k8s.io/v2' ? as : undefined;
}

function encodingOf({ type }: Clause): Negotiated['encoding'] | undefined {
  if (jsonTypes.has(type)) return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}

/**
 * Picks the first clause of `accept` that can be served; a form that this server does not know is skipped, as a client
 * that lists protobuf before JSON expects. Throws 406 when nothing is left.
 */
export function negotiate(accept: string | undefined, offered: readonly Negotiated['as'][] = ['object']): Negotiated {
  if (!accept) return { encoding: 'json', as: 'object' };
  const clauses = accept.split(',').map(parseClause).filter(({ quality }) => quality > 0);
  for (const clause of clauses.toSorted((a, b) => b.quality - a.quality)) {
    const encoding = encodingOf(clause);
    const as = transformOf(clause);
    if (encoding && as && offered.includes(as)) return { encoding, as };
  }
  throw newNotAcceptable('only the following media types are accepted: application/json, application/yaml');
}
