import { chmod, mkdir } from 'node:fs/promises';
import type { CriRuntime } from '@podling/cri';
import { createClient, loadKubeconfig, type Client } from '@podling/shared/client';
import { createLogger, systemClock, type Clock, type Logger } from '@podling/shared/util';
import type { Reservations } from '../cm/node-allocatable.ts';
import type { KubeletConfig } from '../config.ts';
import { exec } from '../exec.ts';
import { readMachineInfo, type MachineInfo } from '../node/machine-info.ts';
import { createPodPaths, type PodPaths } from '../runtime/pod-paths.ts';
import { createMounter, noMounter, type Mounter } from '../volumes/mounter.ts';
import { createRuntime } from './create-runtime.ts';
import { nodeResources, type NodeAllocatable } from './node-resources.ts';

/** Parts a test, or a process with many hollow nodes, brings itself; what it brings, it closes. */
export interface KubeletDeps {
  client?: Client;
  runtime?: CriRuntime;
  clock?: Clock;
  logger?: Logger;
  /** How long an Event waits before it is sent. Default 0. */
  eventLingerMs?: number;
  /** Default: the configuration's syncFrequency, a minute at most; the runtime's events make it a safety net. */
  relistPeriodMs?: number;
}

/** What the kubelet finds on its machine or is given; nothing in it has a loop of its own. */
export interface Core {
  config: KubeletConfig;
  deps: KubeletDeps;
  logger: Logger;
  clock: Clock;
  client: Client;
  runtime: CriRuntime;
  paths: PodPaths;
  machine: MachineInfo;
  reservations: Reservations;
  /** What of the machine pods may have. */
  allocatable: NodeAllocatable;
  mounter: Mounter;
}

export async function createCore(config: KubeletConfig, deps: KubeletDeps): Promise<Core> {
  const logger = deps.logger ?? createLogger('kubelet');
  const clock = deps.clock ?? systemClock;
  const client = deps.client ?? createClient(loadKubeconfig(config.kubeconfig));
  const runtime = deps.runtime ?? (await createRuntime(config, clock, logger));
  const paths = createPodPaths(config.rootDir, config.podLogDir);
  await Promise.all([paths.podsRoot, paths.logRoot].map(makeOwnFolder));
  const mounter = config.containerRuntime === 'fake' ? noMounter : createMounter(exec);
  await mounter.makeShared(config.rootDir);
  const machine = await readMachineInfo(config.rootDir);
  return { config, deps, logger, clock, client, runtime, paths, machine, mounter, ...nodeResources(config, machine) };
}

/** Ends what `createCore` has opened itself. */
export async function closeCore({ deps, runtime, client }: Core): Promise<void> {
  if (!deps.runtime) await runtime.close();
  if (!deps.client) await client.close();
}

/** Volumes hold secrets and tokens that any user in a container may read: on the node only root comes near them. */
async function makeOwnFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o750 });
  await chmod(path, 0o750);
}
