import type { Secret } from '../secret.ts';
import { fill } from './fill.ts';

/** `stringData` goes over `data`, as the bytes of its texts. */
export function defaultSecret(secret: Secret): Secret {
  const { stringData, ...rest } = fill(secret, { type: 'Opaque' });
  if (!stringData || Object.keys(stringData).length === 0) return rest;
  const encoded = Object.fromEntries(Object.entries(stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
  return { ...rest, data: { ...rest.data, ...encoded } };
}
