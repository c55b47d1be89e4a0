/** What a request to the kubelet counts as, for the apiserver to decide: a verb on subresources of the Node. */
export interface RequestAttributes {
  /** '' for a method that has none. */
  verb: string;
  /** Whoever may one of these may this. */
  subresources: readonly string[];
}

const verbs: Readonly<Record<string, string>> = { POST: 'create', GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

const isUnder = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`);

const own = [['/stats', 'stats'], ['/metrics', 'metrics'], ['/logs', 'log'], ['/checkpoint', 'checkpoint'], ['/statusz', 'statusz']] as const;
const alsoProxy = [['/pods', 'pods'], ['/runningpods', 'pods'], ['/healthz', 'healthz'], ['/configz', 'configz']] as const;

/** Whoever opens a stream into a pod creates something there, by whatever method. */
const streams = ['/exec', '/attach', '/portForward'];

/** Upstream twin: the kubelet's `NodeRequestAttributesGetter`. */
export function requestAttributes(method: string, path: string): RequestAttributes {
  const verb = streams.some((root) => isUnder(path, root)) ? 'create' : verbs[method] ?? '';
  const single = own.find(([root]) => isUnder(path, root));
  if (single) return { verb, subresources: [single[1]] };
  const fine = alsoProxy.find(([root]) => isUnder(path, root));
  return { verb, subresources: fine ? [fine[1], 'proxy'] : ['proxy'] };
}
