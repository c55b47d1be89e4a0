import { readFile } from 'node:fs/promises';
import { createLogger, systemClock } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import { admissionPlugins } from './admission/admission-plugins.ts';
import type { AdmissionLookups } from './admission/admission-plugins.ts';
import { AdmissionChain } from './admission/chain.ts';
import { advertiseAddressOf } from './advertise-address.ts';
import { assertLoopback, isLoopback } from './config.ts';
import type { ApiServerConfig, KubeletClientFiles, ServingFiles } from './config.ts';
import { createApiHandler } from './endpoints/api-handler.ts';
import { openAuditLog } from './endpoints/audit/audit-log.ts';
import { metadataPolicy, readAuditPolicy } from './endpoints/audit/audit-policy.ts';
import type { EndpointServices } from './endpoints/endpoint.ts';
import type { Auditing } from './endpoints/filters/audit.ts';
import type { FilterParts } from './endpoints/filters/chain.ts';
import { maxInFlightFilter } from './endpoints/filters/max-in-flight.ts';
import type { HealthCheck } from './endpoints/health.ts';
import { Heartbeat } from './endpoints/heartbeat.ts';
import { createMetrics } from './endpoints/metrics.ts';
import type { Metrics } from './endpoints/metrics.ts';
import { serveResources } from './endpoints/served-resources.ts';
import { Identity, readTokenKeys } from './identity.ts';
import type { TokenKeys } from './identity.ts';
import { Listener } from './listener.ts';
import type { ServingCertificate } from './listener.ts';
import { KubeletAddressGuard } from './proxy/kubelet-address.ts';
import { NodeProxy } from './proxy/node-proxy.ts';
import { PodProxy } from './proxy/pod-proxy.ts';
import type { KubeletCredentials } from './proxy/node-proxy.ts';
import { installResources } from './registry/installed-resources.ts';
import type { InstalledResources } from './registry/installed-resources.ts';
import type { NamespaceCache } from './registry/namespace/namespace-cache.ts';
import { ensureSystemObjects } from './registry/system-objects.ts';
import { ResourceMetrics } from './resource-metrics/resource-metrics.ts';
import { StorageProvider } from './storage-provider.ts';

export interface RunningApiServer {
  /** The first secure listener, else the insecure one. */
  url: string;
  port: number;
  /** Present with `insecureBind`. */
  insecureUrl?: string;
  /** Ends watches, then requests, then the store. Idempotent. */
  stop(): Promise<void>;
}

const defaultEventTtlSeconds = 3600;
const healthTimeoutMs = 3000;
const defaultInFlight = { readOnly: 400, mutating: 200 };
const defaultRequestTimeoutMs = 60_000;
const defaultMinWatchTimeoutMs = 1_800_000;

async function readServing({ tlsCertFile, tlsPrivateKeyFile, clientCaFile }: ServingFiles): Promise<ServingCertificate> {
  const [cert, key, clientCa] = await Promise.all([tlsCertFile, tlsPrivateKeyFile, clientCaFile].map((file) => readFile(file, 'utf8')));
  return { cert: cert ?? '', key: key ?? '', clientCa: clientCa ?? '' };
}

async function readKubeletCredentials(files: KubeletClientFiles = {}): Promise<KubeletCredentials> {
  const entries = await Promise.all(Object.entries(files).map(async ([field, file]) => [field, await readFile(file, 'utf8')] as const));
  return Object.fromEntries(entries);
}

/** The ways through to nodes and pods, which are at loopback only where we ourselves serve nobody else. */
async function createProxies({ kubeletClient, serving }: ApiServerConfig): Promise<{ nodeProxy: NodeProxy; podProxy: PodProxy }> {
  const guard = new KubeletAddressGuard({ allowsLoopback: serving === undefined || serving.bindAddresses.every(isLoopback) });
  return { nodeProxy: new NodeProxy(await readKubeletCredentials(kubeletClient), guard), podProxy: new PodProxy(guard) };
}

/** Who may come in by one listener. */
type Gate = Pick<FilterParts, 'authenticate' | 'authorize'>;

interface ApiServerParts {
  clock: Clock;
  logger: Logger;
  storage: StorageProvider;
  nodeProxy: NodeProxy;
  podProxy: PodProxy;
  auditing: Auditing | undefined;
  tokenKeys: TokenKeys;
}

async function openAuditing({ audit }: ApiServerConfig, logger: Logger): Promise<Auditing | undefined> {
  if (!audit) return undefined;
  const policy = audit.policyFile === undefined ? metadataPolicy : await readAuditPolicy(audit.policyFile);
  return { policy, log: await openAuditLog(audit.logPath, logger) };
}

/** The composition root: the only place that knows every part. */
class ApiServer {
  readonly #config: ApiServerConfig;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #listeners: Listener[] = [];
  readonly #storage: StorageProvider;
  readonly #resources: InstalledResources;
  readonly #namespaces: NamespaceCache;
  readonly #identity: Identity;
  readonly #nodeProxy: NodeProxy;
  readonly #podProxy: PodProxy;
  readonly #auditing: Auditing | undefined;
  readonly #metrics: Metrics = createMetrics();
  #ready = false;
  #draining = false;
  #stopped: Promise<void> | undefined;

  constructor(config: ApiServerConfig, parts: ApiServerParts) {
    const { clock, logger, storage, nodeProxy, podProxy, auditing, tokenKeys } = parts;
    this.#config = config;
    this.#clock = clock;
    this.#logger = logger;
    this.#storage = storage;
    this.#nodeProxy = nodeProxy;
    this.#podProxy = podProxy;
    this.#auditing = auditing;
    const { storageFor } = storage;
    this.#resources = installResources({
      storageFor, clock, logger, eventTtlSeconds: config.eventTtlSeconds ?? defaultEventTtlSeconds, serviceClusterIPRange: config.serviceClusterIPRange,
    });
    this.#namespaces = this.#resources.namespaceCache;
    this.#identity = new Identity({ config: config.serviceAccounts, keys: tokenKeys, resources: this.#resources, clock, logger });
  }

  async start(): Promise<RunningApiServer> {
    const services = this.#services();
    const served = serveResources(this.#resources, services);
    this.#metrics.know(served.map(({ info }) => info));
    const shared = this.#sharedFilterParts();
    const checks = { livez: this.#checks(), readyz: [...this.#checks(), ...this.#readyChecks()] };
    const issuer = await this.#identity.documents();
    const openListener = async (gate: Gate, place: { address: string; port: number }, certificate?: ServingCertificate): Promise<number> => {
      const request = createApiHandler({ filters: { ...gate, ...shared }, served, issuer, ...checks });
      const listener = new Listener(request, this.#logger, certificate);
      const port = await listener.listen(place.address, place.port);
      this.#listeners.push(listener);
      return port;
    };
    const secure = await this.#openSecure(openListener);
    const insecure = await this.#openInsecure(openListener);
    this.#namespaces.start();
    this.#identity.start();
    const main = secure ?? insecure;
    if (!main) throw new Error('the apiserver has no address to listen on');
    const kubernetes = { clusterIP: this.#resources.firstServiceIP, targetPort: main.port };
    await ensureSystemObjects(this.#resources, { clock: this.#clock, logger: this.#logger, signal: this.#stopping.signal, kubernetes });
    this.#resources.serviceMaintenance.start(kubernetes, advertiseAddressOf(this.#config));
    this.#ready = true;
    this.#logger.info({ url: main.url, insecureUrl: insecure?.url, storage: this.#config.storage.kind }, 'serving');
    return { ...main, ...(insecure ? { insecureUrl: insecure.url } : {}), stop: () => this.stop() };
  }

  /** Readiness first, so that nobody new comes; watches, requests, then what they used. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    this.#ready = false;
    this.#draining = true;
    const { shutdownDelayMs = 0 } = this.#config;
    if (shutdownDelayMs > 0) await this.#clock.sleep(shutdownDelayMs);
    this.#stopping.abort();
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    await Promise.all([this.#namespaces.stop(), this.#identity.stop(), this.#resources.serviceMaintenance.stop()]);
    await this.#nodeProxy.close();
    await this.#storage.close();
    await this.#auditing?.log.close();
    this.#logger.info('stopped serving');
  }

  async #openSecure(open: OpenListener): Promise<Address | undefined> {
    const { serving } = this.#config;
    if (!serving) return undefined;
    const certificate = await readServing(serving);
    const gate: Gate = this.#identity;
    let { port } = serving;
    for (const address of serving.bindAddresses) port = await open(gate, { address, port }, certificate);
    return addressOf('https', serving.bindAddresses[0] ?? '127.0.0.1', port);
  }

  async #openInsecure(open: OpenListener): Promise<Address | undefined> {
    const { insecureBind } = this.#config;
    if (!insecureBind) return undefined;
    assertLoopback(insecureBind.address);
    const gate: Gate = { authenticate: this.#identity.authenticateUnsecured([insecureBind.address, 'localhost']), authorize: this.#identity.authorize };
    this.#logger.warn({ address: insecureBind.address }, 'the insecure port asks nobody who they are: for development only');
    return addressOf('http', insecureBind.address, await open(gate, insecureBind));
  }

  #sharedFilterParts(): Omit<FilterParts, keyof Gate> {
    const { maxRequestsInFlight = defaultInFlight, requestTimeoutMs = defaultRequestTimeoutMs } = this.#config;
    return {
      clock: this.#clock, logger: this.#logger, metrics: this.#metrics, auditing: this.#auditing, requestTimeoutMs,
      maxInFlight: maxInFlightFilter(maxRequestsInFlight, this.#metrics), stopping: this.#stopping.signal,
    };
  }

  #lookups(): AdmissionLookups {
    const { priorityClasses, runtimeClasses } = this.#resources;
    return {
      namespaces: this.#namespaces,
      priorityClasses: { get: (name) => priorityClasses.get('', name), list: async () => (await priorityClasses.list('', { resourceVersion: '0' })).items },
      runtimeClasses: { get: (name) => runtimeClasses.get('', name) },
      ...this.#identity.lookups,
    };
  }

  #services(): EndpointServices {
    return {
      admission: new AdmissionChain(admissionPlugins({ lookups: this.#lookups(), disabled: this.#config.disabledAdmissionPlugins ?? [], clock: this.#clock })),
      clock: this.#clock,
      logger: this.#logger,
      heartbeat: new Heartbeat(this.#clock),
      identity: this.#identity.services,
      metrics: this.#metrics,
      nodeProxy: this.#nodeProxy,
      podProxy: this.#podProxy,
      resourceMetrics: this.#resourceMetrics(),
      minWatchTimeoutMs: this.#config.minRequestTimeoutMs ?? defaultMinWatchTimeoutMs,
      stopping: this.#stopping.signal,
      collectsGarbage: this.#config.enableGarbageCollector ?? false,
    };
  }

  #resourceMetrics(): ResourceMetrics {
    return new ResourceMetrics({
      ask: (node, path, signal) => this.#nodeProxy.get(node, path, signal), clock: this.#clock, logger: this.#logger, stopping: this.#stopping.signal,
    });
  }

  #checks(): HealthCheck[] {
    const { store } = this.#storage;
    const answers = async (): Promise<void> => {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = this.#clock.setTimeout(() => reject(new Error('the store does not answer')), healthTimeoutMs);
      await Promise.race([store.currentRevision(), late]).finally(() => timer.cancel());
    };
    return [{ name: 'ping', check: () => undefined }, { name: this.#config.storage.kind === 'memory' ? 'memory' : 'etcd', check: answers }];
  }

  #readyChecks(): HealthCheck[] {
    const refuse = (why: string): never => {
      throw new Error(why);
    };
    return [
      { name: 'informer-sync', check: () => void (this.#storage.isSynced() || refuse('a cache is not filled')) },
      { name: 'poststarthook/start-system-namespaces', check: () => void (this.#ready || refuse('not started')) },
      { name: 'shutdown', check: () => void (this.#draining && refuse('stopping')) },
    ];
  }
}

interface Address {
  url: string;
  port: number;
}

type OpenListener = (gate: Gate, place: { address: string; port: number }, certificate?: ServingCertificate) => Promise<number>;

/** An address that means all addresses is reached at loopback. */
function addressOf(scheme: string, address: string, port: number): Address {
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '[::1]' : address.includes(':') ? `[${address}]` : address;
  return { url: `${scheme}://${host}:${port}`, port };
}

/**
 * Starts an apiserver. Resolves once it serves and the system namespaces exist; rejects, with nothing left behind, when it
 * cannot listen or a file is missing. While etcd is away at the start it listens, is not ready, and keeps trying.
 */
export async function startApiServer(config: ApiServerConfig): Promise<RunningApiServer> {
  const clock = config.clock ?? systemClock;
  const logger = config.logger ?? createLogger('apiserver');
  const proxies = await createProxies(config);
  const auditing = await openAuditing(config, logger);
  const tokenKeys = await readTokenKeys(config.serviceAccounts, logger);
  const storage = await StorageProvider.open(config.storage, { clock, logger, ...(config.watchHistorySize === undefined ? {} : { historySize: config.watchHistorySize }) });
  const server = new ApiServer(config, { clock, logger, storage, ...proxies, auditing, tokenKeys });
  try {
    return await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
}
