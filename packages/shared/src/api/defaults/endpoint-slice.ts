import type { EndpointSlice } from '../endpoint-slice.ts';
import { fill } from './fill.ts';

/** A port has a name, which may be empty, and a protocol. */
export function defaultEndpointSlice(slice: EndpointSlice): EndpointSlice {
  return { ...slice, ports: slice.ports.map((port) => fill(port, { name: '', protocol: 'TCP' })) };
}
