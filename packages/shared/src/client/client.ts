import type { Duplex } from 'node:stream';
import type {
  ConfigMap, EndpointSlice, Event, KubeList, KubeObject, Lease, Namespace, Node, Pod, PodDisruptionBudget, RuntimeClass, Secret, Service, ServiceAccount, Status,
  TokenRequest,
} from '../api/index.ts';

/** Whom a user acts as; each part needs the right to impersonate it. */
export interface ImpersonatedUser {
  user: string;
  uid?: string;
  groups?: readonly string[];
  extra?: Readonly<Record<string, readonly string[]>>;
}

/** Where an apiserver is and who we are there. PEM texts, not paths. */
export interface ClientConfig {
  /** Base URL without a trailing slash: `https://10.0.0.1:6443`. */
  server: string;
  certificateAuthority?: string;
  clientCertificate?: string;
  clientKey?: string;
  token?: string;
  insecureSkipTlsVerify?: boolean;
  /** The name in the server's certificate, if it is not the host's. */
  tlsServerName?: string;
  impersonate?: ImpersonatedUser;
  /** The namespace used when a command names none. */
  namespace: string;
  userAgent?: string;
  /** Told what the server warns of: unknown fields, what is deprecated. */
  onWarning?: (text: string) => void;
}

export interface ListOptions {
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion?: string;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  limit?: number;
  continue?: string;
}

export interface WatchOptions extends ListOptions {
  allowWatchBookmarks?: boolean;
  timeoutSeconds?: number;
}

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  preconditions?: { uid?: string; resourceVersion?: string };
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
}

export type PatchType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json';

export type WatchEvent<T> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: T }
  | { type: 'ERROR'; object: Status };

/**
 * One open watch. Iterating yields events in the server's order. The iteration ends normally when the
 * server closes the stream (resume from the last resourceVersion seen), and throws: `ApiStatusError` for an
 * ERROR event or a refused start (410 = list again), `Error` with cause for a broken or silent connection.
 * `close` ends the iteration and frees the socket; it is idempotent.
 */
export interface WatchStream<T> extends AsyncIterable<WatchEvent<T>> {
  close(): void;
}

export interface RequestOptions {
  /** Default GET. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path, already encoded: `/api/v1/namespaces/default/pods`. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON; bytes as they are. */
  body?: unknown;
  contentType?: string;
  accept?: string;
  signal?: AbortSignal;
  /** Default 30 s; 0 = none. */
  timeoutMs?: number;
}

export interface ConnectOptions {
  path: string;
  /** A list is said once for each of its values. */
  query?: Record<string, string | number | boolean | readonly string[] | undefined>;
  /** WebSocket subprotocols in order of preference. */
  protocols: readonly string[];
  /** Ends the handshake, not the connection. */
  signal?: AbortSignal;
  /** Of the handshake. Default 30 s; 0 = none. */
  timeoutMs?: number;
  /** Default 5 s. */
  pingPeriodMs?: number;
  /** How long nothing may come before the connection counts as dead, while it is read. Default 61 s. */
  deadlineMs?: number;
}

/** A WebSocket after its handshake. */
export interface MessageSocket {
  /** The server's choice of those offered. */
  protocol: string;
  /**
   * One chunk a message, both ways, with back-pressure. Reads to an end when the server closes in good order and fails
   * with `StreamError` otherwise. Ending it closes in good order; destroying it cuts the connection.
   */
  messages: Duplex;
}

/**
 * Untyped requests against one apiserver. Every answer outside 2xx is thrown as `ApiStatusError` (a body that is
 * no Status becomes one, with the text kept); a connection failure is thrown as `Error` whose message names the
 * server and whose cause is the socket error. Keep-alive connections; no client-side rate limit; no retries.
 * When a watch finds the link silent, requests under way are rejected at once, and new ones wait (their timeout counts)
 * until something arrives from the server again.
 */
export interface RestClient {
  readonly config: ClientConfig;
  request<T>(options: RequestOptions): Promise<T>;
  /** The raw text of the answer. */
  requestText(options: RequestOptions): Promise<string>;
  /** The raw body as it arrives (logs with follow). Iteration ends at the end of the body. */
  stream(options: RequestOptions): Promise<AsyncIterable<Uint8Array>>;
  /**
   * `transport` defaults to websocket. A WebSocket is pinged every `pingPeriodMs` (default 1500) and torn down when
   * nothing has arrived for `deadlineMs` (default 4000): a dead link is found within 5 s.
   */
  watch<T>(options: {
    path: string;
    query?: RequestOptions['query'];
    transport?: 'websocket' | 'chunked';
    pingPeriodMs?: number;
    deadlineMs?: number;
    signal?: AbortSignal;
  }): WatchStream<T>;
  /**
   * A WebSocket for streams. Rejects with `ApiStatusError` when the server refuses with a Status, with `StreamError` when
   * it does so in plain text, with `ConnectionError` when it is not reached.
   */
  connect(options: ConnectOptions): Promise<MessageSocket>;
  /** Ends requests, watches and streams, closes all connections. */
  close(): Promise<void>;
}

/** Typed verbs of one resource in one namespace (or cluster-wide, or over all namespaces for list and watch). */
export interface ResourceClient<T extends KubeObject> {
  /** `/api/v1/namespaces/x/pods` or `/api/v1/pods`. */
  readonly path: string;
  get(name: string, signal?: AbortSignal): Promise<T>;
  list(options?: ListOptions, signal?: AbortSignal): Promise<KubeList<T>>;
  watch(options?: WatchOptions, transport?: 'websocket' | 'chunked'): WatchStream<T>;
  create(object: T): Promise<T>;
  update(object: T): Promise<T>;
  updateStatus(object: T): Promise<T>;
  patch(name: string, patch: unknown, type?: PatchType): Promise<T>;
  patchStatus(name: string, patch: unknown, type?: PatchType): Promise<T>;
  delete(name: string, options?: DeleteOptions): Promise<T | Status>;
}

export interface Client {
  readonly rest: RestClient;
  /** Without a namespace: all namespaces (list and watch only). */
  pods(namespace?: string): ResourceClient<Pod>;
  nodes(): ResourceClient<Node>;
  namespaces(): ResourceClient<Namespace>;
  events(namespace?: string): ResourceClient<Event>;
  leases(namespace?: string): ResourceClient<Lease>;
  configMaps(namespace?: string): ResourceClient<ConfigMap>;
  secrets(namespace?: string): ResourceClient<Secret>;
  services(namespace?: string): ResourceClient<Service>;
  endpointSlices(namespace?: string): ResourceClient<EndpointSlice>;
  podDisruptionBudgets(namespace?: string): ResourceClient<PodDisruptionBudget>;
  runtimeClasses(): ResourceClient<RuntimeClass>;
  serviceAccounts(namespace?: string): ResourceClient<ServiceAccount>;
  /** POST serviceaccounts/NAME/token. */
  createToken(namespace: string, serviceAccountName: string, spec: TokenRequest['spec']): Promise<TokenRequest>;
  /** POST pods/NAME/binding. */
  bind(namespace: string, podName: string, nodeName: string, podUid?: string): Promise<void>;
  close(): Promise<void>;
}
