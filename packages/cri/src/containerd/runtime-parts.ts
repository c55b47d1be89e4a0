import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Logger } from '@podling/shared/util';
import { systemClock } from '@podling/shared/util';
import type { PodSandboxMetadata } from '../cri.ts';
import { CriError } from '../cri.ts';
import { defaultLogLimits, type LogLimits } from '../log-path.ts';
import type { ContainerRecord } from './container-record.ts';
import { AddressLeases } from './address-leases.ts';
import { ContainerService } from './container-service.ts';
import { ContainerStreams } from './container-streams.ts';
import { ContainerdClient } from './containerd-client.ts';
import type { ContainerdContainer } from './containerd-types.ts';
import { EventHub } from './event-hub.ts';
import { Execs } from './execs.ts';
import { Fifos } from './fifos.ts';
import { ImageFiles } from './image-files.ts';
import { ImageStore } from './image-store.ts';
import { labelKeys, sandboxMetadata } from './labels.ts';
import { LayerUsage } from './layer-usage.ts';
import { LogClient } from './log-client.ts';
import { socketName } from './log-process/protocol.ts';
import { NerdctlCli } from './nerdctl-cli.ts';
import { NerdctlStore } from './nerdctl-store.ts';
import { Pulls, unpacked } from './pulls.ts';
import { PauseRoot } from './pause-root.ts';
import { writePauseSeccomp } from './pause-seccomp.ts';
import { PortlessNetwork } from './portless-network.ts';
import { RecordStore } from './record-store.ts';
import { RuntimeStats } from './runtime-stats.ts';
import { SandboxService } from './sandbox-service.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import { SeccompProfiles } from './seccomp.ts';
import { Shims } from './shims.ts';
import { Tasks } from './tasks.ts';
import { visitorFolder } from './visitor-folder.ts';

export interface ContainerdRuntimeOptions {
  /** Path of containerd's socket. */
  address: string;
  namespace: string;
  /** The runtime's own records, FIFOs and the log process' socket: one per node, kept over restarts. */
  stateDir: string;
  toolchainDir: string;
  cniConfDir: string;
  cniBinDir: string;
  nerdctlDataRoot: string;
  pauseImage: string;
  /** Name of the CNI network. Default `flannel`. */
  network?: string;
  cgroupManager?: 'cgroupfs' | 'systemd';
  /** Of each container. Default: 5 files of 10 MiB. */
  logLimits?: Readonly<LogLimits>;
  /** See `NerdctlOptions`. */
  registryHostsDirs?: readonly string[];
  /** A pull that moves nothing for so long is given up. Default 5 min, as containerd's. */
  pullStallTimeoutMs?: number;
  /**
   * For a tool that does one thing, beside the process that the state belongs to or where there is none, and beside other
   * tools: it looks at the files at each question, recovers nothing, and reaps only what it stops or removes itself. Its
   * sandboxes are handed out when nerdctl has ended. Default false: the owner.
   */
  visitor?: boolean;
  clock?: Clock;
  logger: Logger;
}

const PULL_STALL_TIMEOUT_MS = 5 * 60_000;
const MAX_SOCKET_PATH_BYTES = 107;
const EXECS = 'execs';

/** What a runtime is made of. */
export interface RuntimeParts {
  client: ContainerdClient;
  images: ImageStore;
  sandboxes: SandboxService;
  containers: ContainerService;
  streams: ContainerStreams;
  logs: LogClient;
  fifos: Fifos;
  events: EventHub;
  layers: LayerUsage;
  stats: RuntimeStats;
  execs: Execs;
  pauseRoot: PauseRoot;
  /** Nothing of its own stays behind, but for what the next visitor has to end. */
  leave: () => void;
}

/** Makes them, and connects each with those that it works with; nothing runs yet. */
export function createRuntimeParts(options: ContainerdRuntimeOptions): RuntimeParts {
  const { address, namespace, stateDir, logger, pauseImage, cgroupManager = 'cgroupfs', network = 'flannel', clock = systemClock, visitor: shared = false } = options;
  checkSocketPath(stateDir);
  mkdirSync(stateDir, { recursive: true });
  // What is in the making: others that make something meanwhile have a folder of their own.
  const workFolder = shared ? visitorFolder(stateDir, EXECS) : stateDir;
  const client = new ContainerdClient({ address, namespace });
  const tasks = new Tasks(client, clock);
  const nerdctl = new NerdctlCli({ ...options, dataRoot: options.nerdctlDataRoot, cgroupManager });
  const store = new NerdctlStore({ dataRoot: options.nerdctlDataRoot, namespace, clock, logger, ...(shared ? { gatheringMs: 0 } : {}) });
  const pulls = new Pulls({
    nerdctl, clock, folder: join(workFolder, 'pulls'), stallTimeoutMs: options.pullStallTimeoutMs ?? PULL_STALL_TIMEOUT_MS,
    unpacked: () => unpacked(client),
  });
  const images = new ImageStore(client, pulls, pauseImage);
  const imageFiles = new ImageFiles(join(workFolder, 'image-files'));
  const seccompProfiles = new SeccompProfiles(join(options.toolchainDir, 'bin/seccomp-profile'));
  const sandboxRecords = new RecordStore<SandboxRecord>(join(stateDir, 'sandboxes'), { shared });
  const leases = new AddressLeases({ cniConfDir: options.cniConfDir, network, namespace });
  const shims = new Shims({ ...options, clock });
  const pauseRoot = new PauseRoot({ client, images, image: pauseImage, folder: join(options.nerdctlDataRoot, 'podling-pause'), clock, logger });
  const pauseSeccomp = join(stateDir, 'pause-seccomp.json');
  writePauseSeccomp(pauseSeccomp);
  const sandboxes = new SandboxService({
    client, tasks, nerdctl, store, records: sandboxRecords, leases, shims, network, pauseImage, pauseRoot, pauseSeccomp, clock, logger,
    cniConfDir: options.cniConfDir,
    portless: new PortlessNetwork({ cniConfDir: options.cniConfDir, network, folder: join(stateDir, 'cni-portless') }),
  });
  const records = new RecordStore<ContainerRecord>(join(stateDir, 'containers'), { shared });
  const fifos = new Fifos(join(workFolder, 'fifos'), clock);
  const logs: LogClient = new LogClient({
    stateDir, clock, logger, ...(shared ? {} : { logLimits: options.logLimits ?? defaultLogLimits }),
    onConnected: (send) => containers.logs.openAll(send),
    keepUnread: () => containers.logs.keepUnread(),
  });
  const execs = new Execs({ client, tasks, fifos, folder: join(workFolder, EXECS), logger, clock });
  const streams = new ContainerStreams({ records, sandboxes, tasks, execs, stateDir, toolchainDir: options.toolchainDir, clock });
  const containers: ContainerService = new ContainerService({
    client, tasks, images, imageFiles, seccompProfiles, sandboxes, records, fifos, logs, execs, clock, logger,
    onStartFailed: (record) => void announceStartFailure(record),
  });
  const lookUp = async (id: string): Promise<PodSandboxMetadata | undefined> =>
    sandboxes.metadata(containers.sandboxOf(id) ?? id) ?? ownerOf(client, id, (sandbox) => sandboxes.containerMade(sandbox));
  const events = new EventHub({
    client, clock, logger, lookUp,
    onConnected: async () => {
      if (shared) return;
      await containers.recover();
      await sandboxes.recover();
    },
    onTaskMade: (id, pid) => sandboxes.taskMade(id, pid),
    onExit: (id, exit) => {
      if (shared) return;
      const reaping = sandboxes.isKnown(id) ? sandboxes.reap(id) : containers.ended(id, exit);
      reaping.catch((error: unknown) => logger.warn({ err: error, container: id }, 'exit not recorded yet'));
    },
  });
  const announceStartFailure = async (record: ContainerRecord): Promise<void> => {
    const owner = await lookUp(record.podSandboxId).catch(() => undefined);
    const event = { type: 'CONTAINER_STOPPED_EVENT', containerId: record.id, timestampMs: clock.now() } as const;
    events.emit(owner === undefined ? event : { ...event, podSandboxMetadata: owner });
  };
  const layers = new LayerUsage({ client, clock, logger });
  const stats = new RuntimeStats({ containers: records, sandboxes: sandboxRecords, isRemoving: (id) => containers.isRemoving(id), layers, clock });
  const leave = (): void => void (shared && !execs.isLeaving && rmSync(workFolder, { recursive: true, force: true }));
  return { client, images, sandboxes, containers, streams, logs, fifos, events, layers, stats, execs, pauseRoot, leave };
}

/** Linux cuts longer names off: two nodes would meet on one socket. */
function checkSocketPath(stateDir: string): void {
  const path = join(stateDir, socketName);
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) throw new CriError('InvalidArgument', `the path of a socket may not be longer than ${MAX_SOCKET_PATH_BYTES} bytes: ${path}`);
}

/** From containerd's labels: of what another process made, and of what has no record yet. */
async function ownerOf(client: ContainerdClient, id: string, onSandbox: (container: ContainerdContainer) => void): Promise<PodSandboxMetadata | undefined> {
  const { container } = await client.call<{ container: ContainerdContainer }>('containers', 'get', { id });
  const kind = container.labels[labelKeys.kind];
  if (kind === 'sandbox') {
    onSandbox(container);
    return sandboxMetadata(container.labels);
  }
  const sandboxId = container.labels[labelKeys.sandboxId];
  return kind === 'container' && sandboxId !== undefined ? ownerOf(client, sandboxId, onSandbox) : undefined;
}
