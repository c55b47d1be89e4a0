import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Report } from '../progress.ts';
import { table } from '../table.ts';
import { openCluster } from './cluster.ts';
import { defaultClusterName } from './cluster-names.ts';
import { addContainerdCommands } from './containerd-commands.ts';
import type { UpOptions } from './bring-up.ts';
import type { ClusterStatus } from './status.ts';

interface NameOption {
  name: string;
}

const report: Report = 'auto';
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const program = new Command('cluster').description('a multi-node cluster on this machine').showHelpAfterError();

command('up', 'bring the cluster up, or what is missing of it; adds nodes when the number grows')
  .option('--nodes <n>', 'number of nodes', nodeCount)
  .addOption(new Option('--runtime <name>', "what runs the containers: nerdctl and containerd's own API, or containerd's CRI (default native)").choices(['native', 'cri']))
  .addOption(new Option('--network <name>', "what connects the pods: flannel's vxlan, or a CNI bridge on each node with routes between them (default flannel)").choices(['flannel', 'bridge']))
  .action(async ({ name, ...wanted }: NameOption & Pick<UpOptions, 'nodes' | 'runtime' | 'network'>) => {
    const cluster = openCluster(name);
    await cluster.up({ report, ...wanted });
    print(`\n${nodeTable(await cluster.status())}\n\nexport KUBECONFIG=${cluster.kubeconfigPath}`);
  });

command('status', 'show processes and nodes').action(async ({ name }: NameOption) => {
  const status = await openCluster(name).status();
  print(`${processTable(status)}\n\n${nodeTable(status)}\n\nruntime ${status.runtime}, network ${status.network}, server ${status.server}`);
  if (!status.running) process.exitCode = 1;
});

command('down', 'stop the cluster and keep its data')
  .option('--purge', 'remove its data as well: nothing is left')
  .action(({ name, purge = false }: NameOption & { purge?: boolean }) => openCluster(name).down({ purge, report }));

command('kubeconfig', "print the path of the administrator's kubeconfig").action(({ name }: NameOption) => print(openCluster(name).kubeconfigPath));

command('load', 'import an image archive on every node')
  .argument('<file>', 'OCI or docker archive (tar)')
  .action((file: string, { name }: NameOption) => openCluster(name).load(resolve(process.env['INIT_CWD'] ?? '.', file)));

command('restart', 'stop a process and start it again')
  .argument('<process>', 'etcd, apiserver, scheduler, controller-manager, coredns, containerd/NODE, flanneld/NODE or kubelet/NODE')
  .action((wanted: string, { name }: NameOption) => openCluster(name).restart(wanted));

addContainerdCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`cluster: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

function command(name: string, description: string): Command {
  return program.command(name).description(description).option('--name <name>', 'name of the cluster', defaultClusterName);
}

function nodeCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 200) throw new InvalidArgumentError('a number from 1 to 200');
  return count;
}

function processTable({ processes }: ClusterStatus): string {
  return table([['PROCESS', 'PID', 'LOG'], ...processes.map(({ name, pid, logPath }) => [name, String(pid ?? 'stopped'), logPath])]);
}

function nodeTable({ nodes }: ClusterStatus): string {
  return table([['NODE', 'STATUS', 'IP', 'PODS'], ...nodes.map(({ name, ready, ip, podCidr }) => [name, ready, ip, podCidr ?? '-'])]);
}
