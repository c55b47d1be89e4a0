/** One parameter of an operation, as OpenAPI v3 writes it. */
export interface Parameter {
  name: string;
  in: 'query' | 'path';
  description: string;
  required?: true;
  schema: { type: string; uniqueItems: true };
}

type QueryType = 'string' | 'boolean' | 'integer';

function query(type: QueryType, texts: Readonly<Record<string, string>>): Record<string, Parameter> {
  return Object.fromEntries(Object.entries(texts).map(([name, description]) => [name, { name, in: 'query', description, schema: { type, uniqueItems: true } }]));
}

function path(name: string, description: string): Parameter {
  return { name, in: 'path', description, required: true, schema: { type: 'string', uniqueItems: true } };
}

const selecting = {
  ...query('boolean', {
    allowWatchBookmarks: 'Whether a watch may send BOOKMARK events, which carry nothing but the resourceVersion reached.',
    sendInitialEvents: 'Whether a watch begins with one ADDED event per existing object, followed by an annotated bookmark.',
    watch: 'Whether to answer with a stream of changes instead of a list.',
  }),
  ...query('string', {
    continue: 'The token of the previous page, which asks for the next one. Expired tokens are answered with 410.',
    fieldSelector: 'Limits the answer to objects whose fields have the given values. Everything by default.',
    labelSelector: 'Limits the answer to objects whose labels match. Everything by default.',
    resourceVersion: 'The state to read from: empty for the newest, 0 for any, otherwise one that is at least as new unless resourceVersionMatch says more.',
    resourceVersionMatch: 'How resourceVersion is meant: Exact or NotOlderThan.',
  }),
  ...query('integer', {
    limit: 'The most objects that one page holds. Further ones are reached with the token in metadata.continue.',
    timeoutSeconds: 'How long a watch may last.',
  }),
};

const writing = query('string', {
  dryRun: 'With All, everything is checked and answered as usual but nothing is stored.',
  fieldManager: 'The name under which the fields that the request sets are owned. At most 128 printable characters.',
  fieldValidation: 'What becomes of unknown and duplicate fields: Ignore drops them, Warn (the default) drops and reports them, Strict refuses the request.',
});

const forcing = query('boolean', { force: 'Lets an apply patch take over fields that others own. Not for other patches.' });

const deleting = {
  dryRun: writing['dryRun'],
  ...query('integer', { gracePeriodSeconds: 'Seconds until the object is gone; 0 means now. The default depends on the kind.' }),
  ...query('boolean', {
    orphanDependents: 'Deprecated form of propagationPolicy: whether dependents stay behind.',
  }),
  ...query('string', { propagationPolicy: 'What becomes of dependents: Orphan, Background or Foreground.' }),
};

const { allowWatchBookmarks: _bookmarks, sendInitialEvents: _initial, timeoutSeconds: _timeout, watch: _watch, ...selectingForDelete } = selecting;

const logging = {
  ...query('string', {
    container: 'The container whose log is wanted. May be left out if the pod has only one.',
  }),
  ...query('boolean', {
    insecureSkipTLSVerifyBackend: "Whether the kubelet's certificate may be any. What comes may then be somebody else's.",
    follow: 'Whether to stay and send what is written from now on.',
    previous: "Whether to read the log of the container's previous instance.",
    timestamps: 'Whether each line begins with the time at which it was written.',
  }),
  ...query('integer', {
    limitBytes: 'The most bytes to send.',
    sinceSeconds: 'Only lines written in the last so many seconds.',
    tailLines: 'Only so many lines from the end.',
  }),
};

const proxying = query('string', { path: 'The path of the request that is passed on.' });

export const pathParameters = {
  name: (kind: string): Parameter => path('name', `name of the ${kind}`),
  namespace: path('namespace', 'the namespace that the object is in'),
  tail: path('path', 'path to the resource'),
};

const pretty = query('string', { pretty: 'Whether to indent the answer.' });

const byAction: Readonly<Record<string, Readonly<Record<string, Parameter | undefined>>>> = {
  list: selecting, get: {}, post: writing, put: writing, patch: { ...writing, ...forcing }, delete: deleting,
  deletecollection: { ...deleting, ...selectingForDelete },
};

const bySubresource: Readonly<Record<string, Readonly<Record<string, Parameter>>>> = { log: logging, proxy: proxying };

/** The query parameters of `get`, `post`, `deletecollection` and so on, by name. */
export function queryParameters(action: string, subresource: string): Parameter[] {
  const own = bySubresource[subresource] ?? byAction[action] ?? {};
  const all = action === 'connect' ? own : { ...own, ...pretty };
  return Object.values(all).filter((parameter) => parameter !== undefined).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
