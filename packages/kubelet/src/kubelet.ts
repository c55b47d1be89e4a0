import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CriRuntime } from '@podling/cri';
import { keyOf, uidOf, type Pod } from '@podling/shared/api';
import { createClient, loadKubeconfig, type Client } from '@podling/shared/client';
import { createEventRecorder } from '@podling/shared/events';
import { toolchainDir } from '@podling/shared/process';
import { createLogger, systemClock, type Clock, type Logger } from '@podling/shared/util';
import { KeyedBackOff } from './back-off/keyed-back-off.ts';
import type { KubeletConfig } from './config.ts';
import { createPodSources } from './config/pod-sources.ts';
import { exec, execText, run as runProgram } from './exec.ts';
import { Housekeeping } from './housekeeping.ts';
import { ImageManager, pullLimit } from './images/image-manager.ts';
import { nodeDockerConfigs, PullCredentials } from './images/pull-credentials.ts';
import { PulledImages, verification } from './images/pulled-images.ts';
import { LeaseController } from './node/lease-controller.ts';
import { Logind } from './node/logind.ts';
import { readMachineInfo, type MachineInfo } from './node/machine-info.ts';
import { NodeManager } from './node/node-manager.ts';
import { NodeShutdown, shutdownEnd } from './node/node-shutdown.ts';
import { nodeStatus } from './node/node-status.ts';
import { readPressure } from './node/pressure.ts';
import { RuntimeState } from './node/runtime-state.ts';
import { EventedPleg } from './pleg/evented-pleg.ts';
import { PlegMetrics } from './pleg/pleg-metrics.ts';
import { GenericPleg } from './pleg/generic-pleg.ts';
import { ObjectWatches } from './objects/object-watches.ts';
import { PodObjects } from './objects/pod-objects.ts';
import { ServiceLister } from './objects/service-lister.ts';
import { TokenManager } from './objects/token-manager.ts';
import { createPodEvents, type PodEvents } from './pod-events.ts';
import { RuntimeClasses } from './objects/runtime-classes.ts';
import { admitPod, capacityOf, type Rejection } from './pod/admission.ts';
import { admitAppArmor, hasAppArmor, SysctlAllowlist } from './pod/security-admission.ts';
import { Evictions } from './pod/evictions.ts';
import { AllocationStore } from './pod/allocation-store.ts';
import { Allocations } from './pod/allocations.ts';
import { PodManager } from './pod/pod-manager.ts';
import { PodWorkers } from './pod/pod-workers.ts';
import { ProbeManager } from './prober/probe-manager.ts';
import { createHandlerRunner } from './lifecycle/handler-runner.ts';
import { ContainerStarter } from './runtime/container-starter.ts';
import { CrashBackOff } from './runtime/crash-back-off.ts';
import { createDnsContext } from './runtime/dns-context.ts';
import { KubeRuntimeManager, type NodeContext } from './runtime/kube-runtime-manager.ts';
import { createPodCgroups, noPodCgroups } from './runtime/pod-cgroups.ts';
import { kubernetesService } from './runtime/kubernetes-service.ts';
import { PodKiller } from './runtime/pod-killer.ts';
import { runningPartOf } from './runtime/runtime.ts';
import { createPodPaths, type PodPaths } from './runtime/pod-paths.ts';
import { PodResizer } from './runtime/pod-resizer.ts';
import { SandboxStarter } from './runtime/sandbox-starter.ts';
import { addressOf, serviceVariables } from './runtime/service-variables.ts';
import { StatusCache } from './runtime/status-cache.ts';
import { TerminationMessages } from './runtime/termination-message.ts';
import { WaitingReasonCache } from './runtime/waiting-reasons.ts';
import { accessFilter } from './server/access.ts';
import { ApiserverReviews } from './server/reviews.ts';
import { createRoutes } from './server/routes.ts';
import { healthChecks } from './server/health.ts';
import { startKubeletServers } from './server/kubelet-servers.ts';
import type { RunningServer, TlsMaterial } from './server/server.ts';
import { StatsProvider } from './stats/stats-provider.ts';
import { isTerminalPhase } from './status/phase.ts';
import { StatusManager } from './status/status-manager.ts';
import { SyncPod } from './sync-pod.ts';
import { EmptyDirLimits } from './volumes/empty-dir-limits.ts';
import { createMounter, noMounter, type Mounter } from './volumes/mounter.ts';
import { SubPaths } from './volumes/sub-paths.ts';
import { VolumeManager } from './volumes/volume-manager.ts';

/** Parts a test, or a process with many hollow nodes, brings itself; what it brings, it closes. */
export interface KubeletDeps {
  client?: Client;
  runtime?: CriRuntime;
  clock?: Clock;
  logger?: Logger;
  /** Default: the configuration's syncFrequency, a minute at most; the runtime's events make it a safety net. */
  relistPeriodMs?: number;
}

export interface RunningKubelet {
  /** Where the HTTPS server listens. */
  port: number;
  /** The machine goes down: pods end in their order; resolves when it may. A plain `stop` leaves them alone. */
  shutDownNode(): Promise<void>;
  /** Ends the kubelet; its containers go on. */
  stop(): Promise<void>;
}

/** A PLEG that relists more seldom would look like one that has died. */
const longestRelistPeriodMs = 60_000;
/** How long pods wait for the first list of services before their containers are told that it is not there. */
const servicesPatienceMs = 5_000;

/**
 * The composition root: it alone knows all parts, and the implementations of the runtime.
 *
 *     apiserver-source ─┐
 *     PLEG ─────────────┼─► pod workers ─► sync-pod ─► volumes, runtime manager ─► status manager ─► apiserver
 *     timers ───────────┘
 *
 * Resolves when the server listens and all loops run; the apiserver need not be there yet.
 */
export async function startKubelet(config: KubeletConfig, deps: KubeletDeps = {}): Promise<RunningKubelet> {
  const logger = deps.logger ?? createLogger('kubelet');
  for (const field of config.warnings) logger.warn({ field, file: config.configFile }, 'this kubelet does not act on a field of its configuration');
  const clock = deps.clock ?? systemClock;
  const tls = await readTls(config);
  const client = deps.client ?? createClient(loadKubeconfig(config.kubeconfig));
  const runtime = deps.runtime ?? (await createRuntime(config, clock, logger));
  const paths = createPodPaths(config.rootDir, config.podLogDir);
  await Promise.all([paths.podsRoot, paths.logRoot].map(makeOwnFolder));
  const mounter = config.containerRuntime === 'fake' ? noMounter : createMounter(exec);
  await mounter.makeShared(config.rootDir);
  const machine = await readMachineInfo(config.rootDir);
  const core: Core = { config, deps, logger, clock, client, runtime, paths, machine, mounter };
  const kubelet = await assemble(core);
  const server = await startKubeletServers({ config, tls, routes: kubelet.routes, health: kubelet.health, clock, logger });
  return run(core, kubelet, server);
}

interface Core {
  config: KubeletConfig;
  deps: KubeletDeps;
  logger: Logger;
  clock: Clock;
  client: Client;
  runtime: CriRuntime;
  paths: PodPaths;
  machine: MachineInfo;
  mounter: Mounter;
}

type Assembled = Awaited<ReturnType<typeof assemble>>;

async function assemble(core: Core) {
  const { config, client, runtime, clock, logger, paths } = core;
  const pods = new PodManager();
  const statuses = new StatusCache(runtime, new TerminationMessages({ paths, clock }));
  const recorder = createEventRecorder({ client, component: 'kubelet', host: config.nodeName, clock, logger });
  const events = createPodEvents(recorder);
  const state = new RuntimeState({ runtime, ...(config.subnetFile === undefined ? {} : { subnetFile: config.subnetFile }) });
  const statusManager = new StatusManager({ client, clock, logger, podByUid: (uid) => pods.get(uid), mirrorOf: (pod) => pods.mirrorByKey(keyOf(pod)) });
  const node = createNodeManager(core, state, () => shutdown.problem());
  const services = new ServiceLister({ client, clock, logger });
  const probes = new ProbeManager({
    runtime, events, clock,
    statusOf: (uid) => statusManager.get(uid),
    onVerdict: (uid) => wake(uid),
  });
  const wake = (uid: string): void => workers.runtimeChanged(uid);
  const evictions = new Evictions();
  const { syncer, volumes } = await createSyncPod(core, { pods, evictions, statuses, events, state, statusManager, node: node.manager, services, probes, wake, onForgotten: (uid) => sources.forgetPod(uid), refusal: () => shutdown.rejection() });
  const workers = new PodWorkers({ syncer, clock, logger });
  const sources = createPodSources({
    config, client, pods, workers, node: node.manager, recorder, clock, logger,
    observe: (pod, uid) => statusManager.observe(pod, uid),
  });
  const limits = new EmptyDirLimits({
    paths, execText, clock, logger,
    listPods: () => activePods().filter((pod) => pod.metadata.deletionTimestamp === undefined),
    onExceeded: (pod, message) => {
      evictions.evict(pod, message);
      wake(uidOf(pod));
    },
  });
  const activePods = (): Pod[] => pods.list().filter((pod) => !isTerminalPhase(statusOf(pod).phase));
  const shutdown = new NodeShutdown({
    periods: config.shutdownGracePeriods, nodeName: config.nodeName, activePods, recorder, clock, logger,
    end: (pod, gracePeriodSeconds) => {
      evictions.terminate(pod, shutdownEnd, gracePeriodSeconds, clock.now());
      workers.interrupt(uidOf(pod), gracePeriodSeconds);
    },
    hasEnded: (pod) => workers.hasEnded(uidOf(pod)),
    onChange: () => node.manager.soon(),
  });
  const housekeeping = new Housekeeping({ statuses, pods, workers, paths, clock, logger, tearDownVolumes: (uid) => syncer.tearDownVolumes(uid) });
  const onChange = (uid: string): void => {
    if (!workers.has(uid)) return housekeeping.soon();
    statuses.invalidate(uid);
    wake(uid);
  };
  const plegMetrics = new PlegMetrics();
  const { pleg, problem: plegProblem } = createPleg(core, statuses, plegMetrics, { onChange, onBack: () => workers.retryFailed() });
  state.addHealthCheck('PLEG', plegProblem);
  const stats = new StatsProvider({ runtime, listPods: () => pods.list().map((pod) => ({ ...pod, status: statusOf(pod) })), nodeName: config.nodeName, clock });
  const statusOf = (pod: Parameters<typeof statusManager.set>[0]) => statusManager.get(pod.metadata.uid ?? '') ?? pod.status ?? {};
  const access = config.clientCaFile === undefined ? passLoopback : accessFilter({
    reviews: new ApiserverReviews({ client, nodeName: config.nodeName, ttls: config.reviewTtls, clock }), acceptsTokens: config.authenticationTokenWebhook,
    authorizationMode: config.authorizationMode, logger,
  });
  const health = healthChecks(() => state.runtimeProblem(), clock);
  const routes = createRoutes({
    pods, statusOf, runtime, stats, access, clock, logger, health, nodeName: config.nodeName, configuration: config.configuration,
    enableDebuggingHandlers: config.enableDebuggingHandlers, listRunningPods: async () => (await statuses.listPods()).flatMap(runningPartOf), furtherMetrics: () => plegMetrics.families(),
  });
  return { pods, statuses, recorder, state, statusManager, services, node, syncer, volumes, limits, workers, probes, housekeeping, pleg, routes, health, sources, shutdown };
}

function run({ config, deps, logger, clock, client, runtime }: Core, kubelet: Assembled, server: RunningServer): RunningKubelet {
  const { sources, shutdown, recorder, statusManager, services, node, syncer, volumes, limits, workers, probes, housekeeping, pleg } = kubelet;
  const { manager, setPort } = node;
  setPort(server.port);
  const renewal = { client, nodeName: config.nodeName, renewIntervalMs: config.nodeLeaseRenewIntervalMs, durationSeconds: config.nodeLeaseDurationSeconds, clock, logger };
  const lease = new LeaseController({ ...renewal, nodeUid: manager.registered().then(({ metadata }) => metadata.uid) });
  manager.start();
  lease.start();
  pleg.start();
  limits.start();
  const logind = config.shutdownGracePeriods.length > 0 && !deps.runtime ? new Logind({ run: runProgram, onShutdown: () => shutdown.begin(), onCancel: () => shutdown.cancel(), clock, logger }) : undefined;
  logind?.start();
  const ending = new AbortController();
  const servicesRead = Promise.race([services.start(ending.signal), clock.sleep(servicesPatienceMs, ending.signal)]);
  const sourcesReady = Promise.allSettled([kubelet.state.refresh(), servicesRead]).then(() => {
    if (!ending.signal.aborted) sources.start();
    return sources.ready(ending.signal);
  });
  sourcesReady.then(() => housekeeping.start(), () => undefined);
  logger.info({ node: config.nodeName, port: server.port }, 'kubelet started');
  return {
    port: server.port,
    shutDownNode: () => shutdown.begin(),
    async stop() {
      ending.abort(new Error('the kubelet stops'));
      await Promise.all([logind?.stop(), shutdown.stop()]);
      probes.stop();
      await Promise.all([server.stop(), sources.stop(), services.stop(), pleg.stop(), housekeeping.stop()]);
      await workers.stop();
      syncer.stop();
      await Promise.all([volumes.stop(), limits.stop(), lease.stop(), manager.stop()]);
      statusManager.stop();
      await recorder.stop();
      if (!deps.runtime) await runtime.close();
      if (!deps.client) await client.close();
    },
  };
}

interface RuntimeListener {
  onChange: (uid: string) => void;
  onBack: () => void;
}

function createPleg({ config, runtime, clock, logger, deps }: Core, statuses: StatusCache, metrics: PlegMetrics, { onChange, onBack }: RuntimeListener) {
  const period = deps.relistPeriodMs ?? Math.min(config.syncFrequencyMs, longestRelistPeriodMs);
  const generic = new GenericPleg({ listPods: () => statuses.listPods(), onChange, metrics, clock, logger, relistPeriodMs: period });
  const pleg = new EventedPleg({ runtime, generic, onChange, onBack, metrics, clock, logger });
  return { pleg, problem: () => generic.problem() };
}

function createNodeManager({ config, client, clock, logger, machine }: Core, state: RuntimeState, shutdownProblem: () => string | undefined) {
  let kubeletPort = config.port;
  const manager = new NodeManager({
    client, state, clock, logger,
    identity: { name: config.nodeName, labels: config.nodeLabels, taints: config.registerWithTaints, ...(config.providerId === undefined ? {} : { providerID: config.providerId }) },
    registers: config.registerNode, checkPeriodMs: config.nodeStatusUpdateFrequencyMs, reportPeriodMs: config.nodeStatusReportFrequencyMs,
    buildStatus: async (known) =>
      nodeStatus({
        machine, known, kubeletPort, maxPods: podCapacity(config, machine), nowMs: clock.now(),
        runtimeVersion: state.version(),
        addresses: { nodeIp: config.nodeIp, hostname: config.nodeName },
        pressure: await readPressure(config.rootDir),
        problem: bothProblems(state.problem(), shutdownProblem()),
      }),
  });
  return { manager, setPort: (port: number) => void (kubeletPort = port) };
}

/** As Kubernetes puts several errors into one message. */
function bothProblems(...problems: (string | undefined)[]): string | undefined {
  const found = problems.filter((problem) => problem !== undefined);
  return found.length > 1 ? `[${found.join(', ')}]` : found[0];
}

function podCapacity({ maxPods, podsPerCore }: KubeletConfig, { cpuMilli }: MachineInfo): number {
  return podsPerCore === 0 ? maxPods : Math.min(maxPods, podsPerCore * Number(cpuMilli / 1000n));
}

interface SyncParts {
  pods: PodManager;
  statuses: StatusCache;
  events: PodEvents;
  state: RuntimeState;
  statusManager: StatusManager;
  node: NodeManager;
  services: ServiceLister;
  probes: ProbeManager;
  evictions: Evictions;
  /** Something outside has changed for the pod. */
  wake: (uid: string) => void;
  /** Nothing is left of the pod. */
  onForgotten: (uid: string) => void;
  /** Why no new pod is taken now, or undefined. */
  refusal: () => Rejection | undefined;
}

async function createSyncPod(core: Core, parts: SyncParts): Promise<{ syncer: SyncPod; volumes: VolumeManager }> {
  const { config, client, runtime, clock, paths, mounter } = core;
  const { statuses, events, state, statusManager, node, services, probes, wake, onForgotten } = parts;
  const backOff = (initialMs: number, maxMs: number): KeyedBackOff => new KeyedBackOff({ clock, initialMs, maxMs });
  const imageBackOff = backOff(10_000, 300_000);
  const failureBackOff = backOff(1_000, 60_000);
  const volumeBackOff = backOff(500, 120_000);
  const resizeBackOff = backOff(1_000, 60_000);
  const cgroups = config.containerRuntime === 'fake' ? noPodCgroups : createPodCgroups();
  const allocations = createAllocations(core, parts);
  await allocations.load();
  const waiting = new WaitingReasonCache();
  const crashBackOff = new CrashBackOff({ maxMs: config.crashLoopMaxRestartPeriodMs, events, waiting, clock });
  const objects = new PodObjects(client);
  const images = new ImageManager({
    images: runtime, clock,
    backOff: imageBackOff,
    credentials: new PullCredentials({
      secret: (pod, name) => objects.secret(pod, name),
      nodeConfigFiles: nodeDockerConfigs(config.rootDir),
      onMissing: (pod, message) => events.pod(pod, 'Warning', 'FailedToRetrieveImagePullSecret', message),
    }),
    pulled: new PulledImages({ folder: join(config.rootDir, 'image_manager'), ...verification(config.configuration) }),
    ...pullLimit(config),
  });
  const tokens = new TokenManager({ client, clock });
  const hooks = createHandlerRunner({ runtime, events, clock });
  const killer = new PodKiller({ runtime, events, hooks, clock, hostIPs: [config.nodeIp] });
  const facts = await nodeContext(core);
  const [sysctls, appArmor] = [new SysctlAllowlist(config.allowedUnsafeSysctls), hasAppArmor()];
  const runtimeManager = new KubeRuntimeManager({
    runtime, statuses, paths,
    sandboxes: new SandboxStarter({ runtime, events, failureBackOff, dns: facts.dns, runtimeClasses: new RuntimeClasses(client), networkProblem: () => state.networkProblem() }),
    containers: new ContainerStarter({
      runtime, images, events, waiting, objects, hooks, killer, paths, failureBackOff, crashBackOff,
      serviceVariables: createServiceVariables(core, services),
      subPaths: new SubPaths({ paths, mounter, logger: core.logger }),
    }),
    killer,
    probes,
    cgroups,
    resizer: new PodResizer(runtime, cgroups),
    resizeBackOff,
    node: facts,
  });
  const volumes = new VolumeManager({
    paths, mounter, objects, tokens, events, clock,
    nodeAllocatable: core.machine,
    watches: new ObjectWatches({ client, clock, logger: core.logger }),
    onNews: (uid) => {
      volumeBackOff.reset(`${uid}/volumes`);
      wake(uid);
    },
  });
  const syncer = new SyncPod({
    evictions: parts.evictions,
    allocations, runtimeManager, statuses, statusManager, waiting, events, volumeBackOff, paths, clock, probes,
    volumes,
    forgetters: [images, objects, tokens, crashBackOff, killer, parts.evictions, { forgetPod: onForgotten }],
    backOffs: [imageBackOff, failureBackOff, volumeBackOff, resizeBackOff],
    hostIPs: [config.nodeIp],
    admit: (pod) => {
      const refused = sysctls.admit(pod) ?? admitAppArmor(pod, appArmor) ?? parts.refusal();
      if (refused !== undefined) return refused;
      const self = node.node();
      return self && admitPod(pod, allocations.granted(), capacityOf(self));
    },
  });
  return { syncer, volumes };
}

function createAllocations({ paths, clock }: Core, { pods, events, statusManager, node, wake }: SyncParts): Allocations {
  return new Allocations({
    store: new AllocationStore(paths), events, clock, wake,
    startedPods: () => pods.list().filter(({ metadata, status }) => {
      const { startTime, phase } = statusManager.get(metadata.uid ?? '') ?? status ?? {};
      return startTime !== undefined && !isTerminalPhase(phase);
    }),
    capacity: () => {
      const self = node.node();
      return self && capacityOf(self);
    },
  });
}

/** While no Service is routed, `kubernetes` is where the apiserver itself is. */
function createServiceVariables({ config, deps, client }: Core, services: ServiceLister): (pod: Pod) => ReadonlyMap<string, string> {
  const server = config.kubernetesServiceEndpoint ?? (deps.client ? undefined : client.rest.config.server);
  const apiserver = server === undefined ? undefined : kubernetesService(server);
  return (pod) => {
    const addresses = services.servicesFor(pod).map(addressOf);
    return serviceVariables(apiserver ? [...addresses.filter(({ name }) => name !== 'kubernetes'), apiserver] : addresses);
  };
}

async function nodeContext({ config, machine }: Core): Promise<NodeContext> {
  const ownOomScoreAdj = await readText('/proc/self/oom_score_adj');
  const { clusterDomain, cgroupRoot, nodeIp } = config;
  return {
    hostIPs: [nodeIp],
    cpuMilli: machine.cpuMilli,
    memoryBytes: machine.memoryBytes,
    ephemeralStorageBytes: machine.ephemeralStorageBytes,
    ownOomScoreAdj: Number(ownOomScoreAdj.trim() || 0),
    clusterDomain,
    cgroupRoot,
    dns: createDnsContext(config),
    security: { seccompDefault: config.seccompDefault, seccompRoot: join(config.rootDir, 'seccomp') },
  };
}

async function createRuntime(config: KubeletConfig, clock: Clock, logger: Logger): Promise<CriRuntime> {
  if (config.containerRuntime === 'fake') {
    const { createFakeRuntime } = await import('@podling/cri/fake');
    return createFakeRuntime({ clock, images: [config.podInfraContainerImage, 'podling.local/toolbox:1'] });
  }
  const { createContainerdRuntime } = await import('@podling/cri/containerd');
  const toolchain = config.toolchainDir ?? toolchainDir();
  return createContainerdRuntime({
    address: config.containerdAddress,
    namespace: config.containerdNamespace,
    stateDir: config.containerdStateDir,
    toolchainDir: toolchain,
    cniConfDir: config.cniConfDir,
    cniBinDir: config.cniBinDir ?? join(toolchain, 'cni/bin'),
    nerdctlDataRoot: config.nerdctlDataRoot,
    pauseImage: config.podInfraContainerImage,
    registryHostsDirs: [join(config.rootDir, 'certs.d'), '/etc/containerd/certs.d', '/etc/docker/certs.d'],
    clock,
    logger,
  });
}

async function readTls({ tlsCertFile, tlsPrivateKeyFile, clientCaFile, address }: KubeletConfig): Promise<TlsMaterial | undefined> {
  if (tlsCertFile !== undefined && tlsPrivateKeyFile !== undefined && clientCaFile !== undefined) {
    const [cert, key, clientCa] = await Promise.all([readFile(tlsCertFile), readFile(tlsPrivateKeyFile), readFile(clientCaFile)]);
    return { cert, key, clientCa };
  }
  const given = [tlsCertFile, tlsPrivateKeyFile, clientCaFile].filter((path) => path !== undefined).length;
  if (given > 0) throw new Error('--tls-cert-file, --tls-private-key-file and --client-ca-file belong together');
  if (!address.startsWith('127.') && address !== '::1') throw new Error(`serving on ${address} needs --tls-cert-file, --tls-private-key-file and --client-ca-file; without them only loopback is allowed`);
  return undefined;
}

/** Development only: `readTls` has seen to it that nobody outside can reach the port. */
function passLoopback(_request: unknown, _response: unknown, next: () => void): void {
  next();
}

/** Volumes hold secrets and tokens that any user in a container may read: on the node only root comes near them. */
async function makeOwnFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o750 });
  await chmod(path, 0o750);
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
