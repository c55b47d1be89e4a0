import type { EndpointSlice } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { endpointSliceStrategy } from './strategy.ts';

const slice = (parts: Partial<EndpointSlice> = {}): EndpointSlice => ({
  metadata: { name: 'a', generation: 4 }, addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [], ...parts,
});
const generationAfter = (next: EndpointSlice): number | undefined => {
  endpointSliceStrategy.prepareForUpdate(next, slice());
  return next.metadata.generation;
};
const topology = { 'kubernetes.io/hostname': 'n' };

describe('EndpointSlice strategy', () => {
  it('counts changes of content and labels, and no others', () => {
    expect(generationAfter(slice())).toBe(4);
    expect(generationAfter(slice({ metadata: { name: 'a', generation: 4, annotations: { a: 'b' } } }))).toBe(4);
    expect(generationAfter(slice({ metadata: { name: 'a', generation: 4, labels: { a: 'b' } } }))).toBe(5);
    expect(generationAfter(slice({ ports: [{ name: 'x' }] }))).toBe(5);
  });

  it('takes no topology, but keeps the node that it named before', () => {
    const fresh = slice({ endpoints: [{ addresses: ['10.0.0.1'], deprecatedTopology: topology }] });
    endpointSliceStrategy.prepareForCreate(fresh);
    expect(fresh).toMatchObject({ metadata: { generation: 1 }, endpoints: [{ addresses: ['10.0.0.1'] }] });
    expect(fresh.endpoints[0]).not.toHaveProperty('deprecatedTopology');
    const old = slice({ endpoints: [{ addresses: ['10.0.0.1'], deprecatedTopology: topology }] });
    const next = slice({ endpoints: [{ addresses: ['10.0.0.2'], deprecatedTopology: topology }] });
    endpointSliceStrategy.prepareForUpdate(next, old);
    expect(next.endpoints).toEqual([{ addresses: ['10.0.0.2'], nodeName: 'n' }]);
  });
});
