/** Where a promise is shown: a file of `src/api-tests`, without `.test.ts`, and a title in it. */
export type Proof = readonly [file: string, title: string];

const everyResource = (title: string): Proof => ['every-resource', title];

/** Shown for every stored resource by one table. */
const byVerb: Readonly<Record<string, Proof>> = {
  create: everyResource('create answers with the object, get with the same'),
  get: everyResource('create answers with the object, get with the same'),
  list: everyResource('list has it'),
  watch: everyResource('watch shows it come and change'),
  update: everyResource('update replaces it'),
  patch: everyResource('patch with %s changes a part of it'),
  delete: everyResource('delete ends it or marks it'),
  deletecollection: everyResource('deletecollection ends the chosen ones, where it is served'),
};

const reviews: Readonly<Record<string, Proof>> = {
  'authentication.k8s.io/v1 selfsubjectreviews create': ['reviews', 'is the service account with its groups'],
  'authentication.k8s.io/v1 tokenreviews create': ['reviews', 'tell whose a token is'],
  'authorization.k8s.io/v1 localsubjectaccessreviews create': ['reviews', 'of a namespace are about nothing else'],
  'authorization.k8s.io/v1 selfsubjectaccessreviews create': ['reviews', 'of oneself decide as the request itself would be'],
  'authorization.k8s.io/v1 selfsubjectrulesreviews create': ['reviews', 'list the rules of oneself'],
  'authorization.k8s.io/v1 subjectaccessreviews create': ['reviews', 'say what is wrong with a question'],
};

const metrics: Readonly<Record<string, Proof>> = {
  'metrics.k8s.io/v1beta1 nodes get': ['resource-metrics', 'tells what a node uses'],
  'metrics.k8s.io/v1beta1 nodes list': ['resource-metrics', 'tells what a node uses'],
  'metrics.k8s.io/v1beta1 pods get': ['resource-metrics', 'tells what the containers of a pod use, sidecars too'],
  'metrics.k8s.io/v1beta1 pods list': ['resource-metrics', 'lists %s in order, and only pods that there are'],
};

const byEitherMethod: Proof = ['pod-streams', 'is for those who may create, by %s too'];

const subresources: Readonly<Record<string, Proof>> = {
  'v1 bindings create': ['binding', 'name their pod themselves'],
  'v1 namespaces/finalize update': ['namespace', 'are finalized by PUT alone, and keep what else they have'],
  'v1 nodes/proxy get': ['tls', 'passes GET nodes/NAME/proxy to the kubelet'],
  'v1 pods/attach create': byEitherMethod,
  'v1 pods/attach get': byEitherMethod,
  'v1 pods/binding create': ['update', 'sets the node once, and PodScheduled with it'],
  'v1 pods/eviction create': ['eviction', 'takes one disruption off the budget, which then refuses the next'],
  'v1 pods/ephemeralcontainers get': ['parameters', 'pods/%s is read and patched'],
  'v1 pods/ephemeralcontainers patch': ['parameters', 'pods/%s is read and patched'],
  'v1 pods/ephemeralcontainers update': ['validation-pod-parts', 'adds containers and writes nothing else'],
  'v1 pods/exec create': byEitherMethod,
  'v1 pods/exec get': byEitherMethod,
  'v1 pods/log get': ['tls', 'come from the kubelet of the node, asked with our own certificate'],
  'v1 pods/portforward create': byEitherMethod,
  'v1 pods/portforward get': byEitherMethod,
  'v1 pods/proxy create': ['pod-proxy', 'passes %s on, with path, query and body'],
  'v1 pods/proxy delete': ['pod-proxy', 'passes %s on, with path, query and body'],
  'v1 pods/proxy get': ['pod-proxy', 'passes %s on, with path, query and body'],
  'v1 pods/proxy patch': ['pod-proxy', 'passes %s on, with path, query and body'],
  'v1 pods/proxy update': ['pod-proxy', 'passes %s on, with path, query and body'],
  'v1 pods/resize get': ['parameters', 'pods/%s is read and patched'],
  'v1 pods/resize patch': ['parameters', 'pods/%s is read and patched'],
  'v1 pods/resize update': ['validation-pod-parts', 'changes amounts of containers and nothing else'],
  'v1 serviceaccounts/token create': ['token-request', 'gives a token for the apiserver that lasts an hour'],
};

const reading: Readonly<Record<string, Proof>> = {
  'get pretty': ['bodies', 'are indented for people'],
  'list allowWatchBookmarks': ['watch-starts', 'without bookmarks shows none'],
  'list continue': ['reads', 'pages through all objects of one revision'],
  'list fieldSelector': ['reads', 'selects by %s'],
  'list labelSelector': ['reads', 'selects by %s'],
  'list limit': ['list-pages', 'tell how much is left, but not when a selector hides it'],
  'list pretty': ['bodies', 'are indented for people'],
  'list resourceVersion': ['watch', 'resumes from a resourceVersion without loss or repetition'],
  'list resourceVersionMatch': ['list-pages', 'show the past for Exact, also for a page of a named revision, and 410 when it is gone'],
  'list sendInitialEvents': ['watch', 'marks the end of the initial state for a streaming list'],
  'list timeoutSeconds': ['watch', 'ends when its time is up'],
  'list watch': ['watch', 'gives the present state first, then every change in order'],
  'nodes/proxy path': ['tls', 'passes GET nodes/NAME/proxy to the kubelet'],
  'pods/log container': ['tls', 'want a container named when there are several'],
  'pods/log follow': ['tls', 'stream as they come, and stop at the kubelet when the client leaves'],
  'pods/log insecureSkipTLSVerifyBackend': ['tls', 'come from a kubelet with a strange certificate only when any will do'],
  'pods/log limitBytes': ['tls', 'come from the kubelet of the node, asked with our own certificate'],
  'pods/log pretty': ['bodies', 'are indented for people'],
  'pods/log previous': ['tls', 'come from the kubelet of the node, asked with our own certificate'],
  'pods/log sinceSeconds': ['tls', 'come from the kubelet of the node, asked with our own certificate'],
  'pods/log tailLines': ['tls', 'come from the kubelet of the node, asked with our own certificate'],
  'pods/log timestamps': ['tls', 'come from the kubelet of the node, asked with our own certificate'],
  'pods/proxy path': ['pod-proxy', 'passes %s on, with path, query and body'],
};

const writing: Readonly<Record<string, Proof>> = {
  'patch dryRun': ['patch', 'writes nothing on a dry run'],
  'patch fieldManager': ['server-side-apply', 'refuses to change what another manager has set, and names it'],
  'patch fieldValidation': ['patch', 'of %s names unknown and repeated fields'],
  'patch force': ['server-side-apply', 'takes fields over by force'],
  'patch pretty': ['bodies', 'are indented for people'],
  'post dryRun': ['create', 'writes nothing on a dry run, and refuses what it would refuse'],
  'post fieldManager': ['managed-fields', 'say who made an object, with what it was defaulted to'],
  'post fieldValidation': ['bodies', 'Strict names unknown and repeated fields in the order of the text'],
  'post pretty': ['bodies', 'are indented for people'],
  'put dryRun': ['parameters', 'dryRun answers as usual and writes nothing'],
  'put fieldManager': ['parameters', 'fieldManager owns what was changed'],
  'put fieldValidation': ['parameters', 'fieldValidation=Strict refuses unknown fields'],
  'put pretty': ['bodies', 'are indented for people'],
};

const deleting: Readonly<Record<string, Proof>> = {
  'delete dryRun': ['delete', 'writes nothing on a dry run'],
  'delete gracePeriodSeconds': ['delete', 'marks a pod on a node and keeps it until grace 0'],
  'delete orphanDependents': ['parameters', '%s is taken'],
  'delete pretty': ['bodies', 'are indented for people'],
  'delete propagationPolicy': ['delete', '%s waits for its finalizer'],
  'deletecollection continue': ['parameters', 'limit and continue go page by page'],
  'deletecollection dryRun': ['parameters', 'dryRun deletes nothing'],
  'deletecollection fieldSelector': ['parameters', 'labelSelector and fieldSelector choose'],
  'deletecollection gracePeriodSeconds': ['parameters', '%s is taken'],
  'deletecollection labelSelector': ['parameters', 'labelSelector and fieldSelector choose'],
  'deletecollection limit': ['parameters', 'limit and continue go page by page'],
  'deletecollection orphanDependents': ['parameters', '%s is taken'],
  'deletecollection pretty': ['bodies', 'are indented for people'],
  'deletecollection propagationPolicy': ['parameters', '%s is taken'],
  'deletecollection resourceVersion': ['parameters', 'resourceVersion with Exact spares what came later'],
  'deletecollection resourceVersionMatch': ['parameters', 'resourceVersion with Exact spares what came later'],
};

const rest: Readonly<Record<string, Proof>> = {
  'JSON patch': ['update', 'applies a JSON patch as a whole or not at all'],
  'JSON merge patch': everyResource('patch with %s changes a part of it'),
  'strategic merge patch': ['update', 'merges conditions by type in a strategic merge patch'],
  'server-side apply': everyResource('patch with apply makes it and owns it'),
  'over chunked HTTP': ['client', 'watches over %s'],
  'over WebSocket': ['client', 'watches over %s'],
  bookmarks: ['watch-starts', 'close a watch whose time is up, newer than what it was shown'],
  '410 for a start that is gone': ['watch', 'answers 410 over %s for a start that is no longer kept'],
  'selectors that begin and cease to match': ['watch', 'turns an update that stops matching into DELETED and one that starts into ADDED'],
  'slow watchers': ['slow-watcher', 'is cut off, and delays nobody'],
  'rows of a Table': ['watch', 'sends rows of a Table when asked to, the columns once'],
  Table: ['reads', 'answers with a Table, wide columns marked'],
  PartialObjectMetadata: ['reads', 'answers with the metadata alone'],
  'YAML in': ['bodies', 'come in YAML as Go reads it'],
  'YAML out': ['reads', 'answers in YAML'],
  'protobuf in': ['bodies', 'come in protobuf, as client-go sends them'],
  'gzip in': ['bodies', 'come compressed, and in JSON under the name of YAML'],
  'gzip out': ['reads', 'packs a large answer'],
  indented: ['bodies', 'are indented for people'],
  '406 and 415': ['bad-input', 'answers 415 for a body of another type and 406 for a client that takes nothing that is served'],
};

const pages: Readonly<Record<string, Proof>> = {
  '/': ['discovery', 'lists all paths at the root'],
  '/api': ['discovery', 'tells where the server was reached'],
  '/apis': ['discovery', 'has groups in the order in which Kubernetes prefers them'],
  '/livez': ['tls', 'answers %s for everybody'],
  '/readyz': ['reads', 'is ok, and says why when asked'],
  '/healthz': ['tls', 'answers %s for everybody'],
  '/metrics': ['reads', 'counts requests under the name Kubernetes gives them'],
  '/openapi/v2': ['openapi', 'has all groups in one document, in the words of its version'],
  '/openapi/v3': ['openapi', 'is whole: every reference leads somewhere, and no word of our own gets out'],
  '/version': ['tls', 'answers %s for everybody'],
  'aggregated discovery': ['discovery', 'comes in one answer for all groups, which can be kept'],
};

/** By the name of the promise. */
export const proofs: Readonly<Record<string, Proof>> = { ...reviews, ...metrics, ...subresources, ...reading, ...writing, ...deleting, ...rest, ...pages };

/** The proof of a promise; undefined while there is none. A new stored resource is proved by its sample. */
export function proofOf(name: string): Proof | undefined {
  const own = proofs[name];
  if (own) return own;
  const [groupVersion = '', resource = '', verb = ''] = name.split(' ');
  if (!/^(?:[\w.]+\/)?v\d/.test(groupVersion)) return undefined;
  return resource.endsWith('/status') ? ['parameters', 'of %s is read, replaced and patched through /status'] : resource.includes('/') || groupVersion.startsWith('auth') ? undefined : byVerb[verb];
}
