/** One thing that the API does for its clients, under a name that proofs refer to. */
export interface Promised {
  section: string;
  /** `v1 pods/log get`, `list limit`. */
  name: string;
}

/** Asks the server for JSON. */
export type Ask = <T>(path: string) => Promise<T>;

interface Entry {
  name: string;
  verbs: string[];
}

interface Operation {
  'x-kubernetes-action'?: string;
  parameters?: { name: string; in: string }[];
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
}

async function verbsOf(path: string, ask: Ask): Promise<Promised[]> {
  const { groupVersion, resources } = await ask<{ groupVersion: string; resources: Entry[] }>(path);
  return resources.flatMap(({ name, verbs }) => verbs.map((verb) => ({ section: groupVersion, name: `${groupVersion} ${name} ${verb}` })));
}

/** Which requests a parameter belongs to: `list`, `put`, but those of logs and proxies by their subresource. */
function requestOf(path: string, action: string): string {
  const own = /\/(log|proxy)(?:\/\{path\})?$/.exec(path)?.[1];
  return own === undefined ? action : `${path.includes('/nodes/') ? 'nodes' : 'pods'}/${own}`;
}

function parametersOf({ paths }: Document): Promised[] {
  const names = Object.entries(paths).flatMap(([path, item]) => {
    const shared = (item['parameters'] ?? []) as NonNullable<Operation['parameters']>;
    return Object.values(item).flatMap(({ 'x-kubernetes-action': action, parameters = [] }) => {
      if (action === undefined) return [];
      return [...shared, ...parameters].filter((parameter) => parameter.in === 'query').map(({ name }) => `${requestOf(path, action)} ${name}`);
    });
  });
  return [...new Set(names)].toSorted().map((name) => ({ section: 'Parameters', name }));
}

/** What no document of the server lists. */
const unlisted: Readonly<Record<string, readonly string[]>> = {
  'Patch types': ['JSON patch', 'JSON merge patch', 'strategic merge patch', 'server-side apply'],
  Watch: ['over chunked HTTP', 'over WebSocket', 'bookmarks', '410 for a start that is gone', 'selectors that begin and cease to match', 'slow watchers', 'rows of a Table'],
  Representations: ['Table', 'PartialObjectMetadata', 'YAML in', 'YAML out', 'protobuf in', 'gzip in', 'gzip out', 'indented', '406 and 415'],
  Pages: ['/', '/api', '/apis', '/livez', '/readyz', '/healthz', '/metrics', '/openapi/v2', '/openapi/v3', '/version', 'aggregated discovery'],
};

/** Everything the server promises, asked of a running one: its resources and verbs, their parameters, and the rest. */
export async function promisesOf(ask: Ask): Promise<Promised[]> {
  const { groups } = await ask<{ groups: { preferredVersion: { groupVersion: string } }[] }>('/apis');
  const roots = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const verbs = await Promise.all(roots.map((root) => verbsOf(root, ask)));
  return [
    ...verbs.flat(),
    ...parametersOf(await ask<Document>('/openapi/v3/api/v1')),
    ...Object.entries(unlisted).flatMap(([section, names]) => names.map((name) => ({ section, name }))),
  ];
}
