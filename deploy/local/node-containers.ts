import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allPids, commandLine, identify, isRunning, sendSignal, toolchainDir } from '@podling/shared/process';
import type { ProcessIdentity } from '@podling/shared/process';
import { ask } from '../exec.ts';
import { waitUntil } from '../wait-until.ts';
import { isClusterProgram } from './cluster-program.ts';
import { ctrArgs, ctrPath } from './node-processes.ts';
import type { ClusterNode } from './node-processes.ts';
import { flagWords, toolEnvironment } from './podling-process.ts';

const lines = (text: string | undefined): string[] => (text ?? '').split('\n').filter((line) => line !== '');

/**
 * Removes every container of a node through its containerd: the joined ones first, then the sandboxes through nerdctl,
 * which gives their names and addresses back.
 */
export async function removeContainers(node: ClusterNode): Promise<void> {
  const ctr = (...args: string[]): Promise<string | undefined> => ask(ctrPath(), [...ctrArgs(node), ...args]);
  const sandboxes = new Set(lines(await ctr('containers', 'ls', '-q', 'labels."nerdctl/name"')));
  const others = lines(await ctr('containers', 'ls', '-q')).filter((id) => !sandboxes.has(id));
  await Promise.all(
    others.map(async (id) => {
      await ctr('tasks', 'delete', '--force', id);
      await ctr('containers', 'delete', id);
    }),
  );
  if (sandboxes.size > 0) await ask(join(toolchainDir(), 'bin/nerdctl'), [...nerdctlArgs(node), 'rm', '--force', ...sandboxes], { env: toolEnvironment() });
}

/** Runs nerdctl as the node's kubelet does. */
export function nerdctlArgs(node: ClusterNode): string[] {
  return flagWords({
    address: node.containerdAddress,
    namespace: node.containerdNamespace,
    'data-root': node.paths.nerdctlData,
    'cni-netconfpath': node.paths.cniConf,
    'cni-path': join(toolchainDir(), 'cni/bin'),
    'cgroup-manager': 'cgroupfs',
  });
}

/** Ends the process that reads the node's container logs; it outlives the kubelet on purpose. */
export async function stopLogProcess(node: ClusterNode): Promise<void> {
  const pid = logProcessPid(node);
  if (pid !== undefined) await endAll([pid], 'SIGTERM');
}

function logProcessPid(node: ClusterNode): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(node.containerdStateDir, 'log-process.pid'), 'utf8'), 10);
    const words = commandLine(pid);
    return isClusterProgram(words) && words.includes(node.containerdStateDir) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** The containerd shims that serve a node, alive whether its containerd is or not. */
export function shimsOf(node: ClusterNode): number[] {
  return allPids().filter((pid) => {
    const words = commandLine(pid);
    return words[0]?.endsWith('containerd-shim-runc-v2') === true && words[words.indexOf('-address') + 1] === node.containerdAddress;
  });
}

/** Every process of a cluster's programs whose command line names a path below `folder`. */
export function processesNaming(folder: string): number[] {
  return allPids().filter((pid) => {
    const words = commandLine(pid);
    return isClusterProgram(words) && words.some((word) => word.includes(`${folder}/`));
  });
}

/** Signals processes and waits until they are gone; SIGKILL follows after 5 s. */
export async function endAll(pids: number[], signal: NodeJS.Signals): Promise<void> {
  const identities = pids.map(identify).filter((identity) => identity !== undefined);
  for (const { pid } of identities) sendSignal(pid, signal);
  await allGone(identities).catch(() => {
    for (const { pid } of identities.filter(isRunning)) sendSignal(pid, 'SIGKILL');
    return allGone(identities);
  });
}

async function allGone(identities: ProcessIdentity[]): Promise<void> {
  await waitUntil('processes to end', () => !identities.some(isRunning), { timeoutMs: 5000 });
}
