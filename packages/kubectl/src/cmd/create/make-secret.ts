import type { ManifestObject } from '../../resource/manifest.ts';
import { contentHash } from './content-hash.ts';

export interface SecretContent {
  type: string;
  keys: ReadonlyMap<string, Buffer>;
}

/** The Secret, its name with a hash of the content when `appendHash`. An empty type is left for the server to fill in. */
export function makeSecret(name: string, { type, keys }: SecretContent, appendHash = false): ManifestObject {
  const data = Object.fromEntries([...keys].map(([key, value]) => [key, value.toString('base64')]));
  const fullName = appendHash ? `${name}-${contentHash({ kind: 'Secret', type, name, data })}` : name;
  const content = { ...(keys.size === 0 ? {} : { data }), ...(type === '' ? {} : { type }) };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: fullName }, ...content };
}
