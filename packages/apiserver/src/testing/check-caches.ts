import { createHash } from 'node:crypto';

interface ResourceList {
  resources: { name: string; verbs: string[] }[];
}

interface List {
  metadata: { resourceVersion: string };
  items: unknown[];
}

async function read(url: string): Promise<{ text: string; hash: string }> {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${text}`);
  return { text, hash: createHash('sha256').update(text).digest('hex') };
}

/** The paths of all lists that a server offers, over all namespaces. */
async function collections(url: string): Promise<string[]> {
  const { groups } = JSON.parse((await read(`${url}/apis`)).text) as { groups: { versions: { groupVersion: string }[] }[] };
  const roots = ['/api/v1', ...groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => `/apis/${groupVersion}`))];
  const paths = await Promise.all(roots.map(async (root) => {
    const { resources } = JSON.parse((await read(url + root)).text) as ResourceList;
    return resources.filter(({ name, verbs }) => !name.includes('/') && verbs.includes('list')).map(({ name }) => `${root}/${name}`);
  }));
  return paths.flat();
}

/**
 * Compares what a server's caches hold with what its store holds at the same revision, byte for byte by their hashes.
 * Throws with the resources that differ. The caches answer a plain list, the store one of an exact revision.
 */
export async function checkCaches(url: string): Promise<void> {
  const differing: string[] = [];
  for (const path of await collections(url)) {
    const cached = await read(url + path);
    const { resourceVersion } = (JSON.parse(cached.text) as List).metadata;
    const stored = await read(`${url}${path}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`);
    if (cached.hash !== stored.hash) differing.push(`${path} at ${resourceVersion}: cache ${cached.text.length} bytes, store ${stored.text.length} bytes`);
  }
  if (differing.length > 0) throw new Error(`caches differ from the store: ${differing.join('; ')}`);
}
