import { newNotAcceptable } from '@podling/shared/api';
import { clausesOf } from './quality.ts';
import type { Clause } from './quality.ts';

/** The shape in which a client wants its answer. */
export interface Negotiated {
  encoding: 'json' | 'yaml';
  as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList';
}

const jsonTypes = new Set(['application/json', 'application/*', '*/*']);

function transformOf({ parameters }: Clause): Negotiated['as'] | undefined {
  const as = parameters.get('as');
  if (as === undefined) return 'object';
  const group = `${parameters.get('g')}/${parameters.get('v')}`;
  if (as === 'Table' && (group === 'meta.k8s.io/v1' || group === 'meta.k8s.io/v1beta1')) return 'Table';
  if ((as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') && group === 'meta.k8s.io/v1') return as;
  return as === 'APIGroupDiscoveryList' && group === 'apidiscovery.k8s.io/v2' ? as : undefined;
}

function encodingOf({ value }: Clause): Negotiated['encoding'] | undefined {
  if (jsonTypes.has(value)) return 'json';
  return value === 'application/yaml' ? 'yaml' : undefined;
}

/**
 * Picks the clause of `accept` of most quality that can be served; a form that this server does not know is skipped, as a
 * client that lists protobuf before JSON expects. Throws 406 when nothing is left.
 */
export function negotiate(accept: string | undefined, offered: readonly Negotiated['as'][] = ['object']): Negotiated {
  if (!accept) return { encoding: 'json', as: 'object' };
  for (const clause of clausesOf(accept)) {
    if (clause.quality === 0) continue;
    const encoding = encodingOf(clause);
    const as = transformOf(clause);
    if (encoding && as && offered.includes(as)) return { encoding, as };
  }
  throw newNotAcceptable('only the following media types are accepted: application/json, application/yaml');
}
