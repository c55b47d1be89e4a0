import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkContainerdConfig, containerdConfig, readMachineLimits } from '@podling/cri/containerd-config';
import type { ContainerdConfig, Finding } from '@podling/cri/containerd-config';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { pauseRef } from '../images/pause-image.ts';

const defaultFile = '/etc/containerd/config.toml';
const print = (text: string): void => void process.stdout.write(`${text}\n`);

type CgroupDriver = 'cgroupfs' | 'systemd';

interface ConfigOptions {
  root: string;
  state: string;
  socket: string;
  sandboxImage: string;
  cniBinDir: string;
  cniConfDir: string;
  cgroupDriver: CgroupDriver;
  registryConfigPath: string;
  oomScore: number;
  tcpAddress?: string;
  tcpTlsCert?: string;
  tcpTlsKey?: string;
  tcpTlsCa?: string;
}

/** `check-containerd` and `containerd-config`: for a containerd that this project has not set up itself. */
export function addContainerdCommands(program: Command): void {
  program
    .command('check-containerd')
    .description("say what is wrong with a containerd's configuration for a kubelet that speaks CRI, and the fix")
    .argument('[file]', 'its configuration', defaultFile)
    .addOption(driverOption())
    .action((file: string, { cgroupDriver }: { cgroupDriver: CgroupDriver }) => check(resolve(process.env['INIT_CWD'] ?? '.', file), cgroupDriver));
  const command = program
    .command('containerd-config')
    .description('print a configuration with CRI for a containerd 1.6 or 1.7 on this machine')
    .option('--root <dir>', 'images and what outlives a reboot', '/var/lib/containerd')
    .option('--state <dir>', 'what does not', '/run/containerd')
    .option('--socket <path>', 'the socket that it serves', '/run/containerd/containerd.sock')
    .option('--sandbox-image <image>', 'image of the pod sandbox', pauseRef)
    .option('--cni-bin-dir <dir>', 'CNI plugins', '/opt/cni/bin')
    .option('--cni-conf-dir <dir>', 'CNI networks', '/etc/cni/net.d')
    .addOption(driverOption())
    .option('--registry-config-path <dir>', 'a folder per registry with its hosts.toml: mirrors, CA', '/etc/containerd/certs.d')
    .option('--oom-score <number>', "containerd's own OOM score", oomScore, 0)
    .option('--tcp-address <host:port>', 'serve the same over TCP, with TLS')
    .option('--tcp-tls-cert <file>', 'its certificate')
    .option('--tcp-tls-key <file>', 'the key of it')
    .option('--tcp-tls-ca <file>', 'the CA of its clients')
    .action((options: ConfigOptions) => print(generate(options, command)));
}

function driverOption(): Option {
  return new Option('--cgroup-driver <name>', "the kubelet's").choices(['cgroupfs', 'systemd']).default('cgroupfs');
}

function check(file: string, cgroupDriver: CgroupDriver): void {
  if (!existsSync(file)) throw new Error(`there is no ${file}: containerd runs with its defaults; make one with "npm run --silent cluster -- containerd-config > ${file}"`);
  if (statSync(file).isDirectory()) throw new Error(`${file} is a folder: name the file in it that containerd is started with, by default ${defaultFile}`);
  const entries = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
  const findings = checkContainerdConfig(readFileSync(file, 'utf8'), { exists: existsSync, entries, limits: readMachineLimits(), cgroupDriver, sandboxImage: pauseRef });
  print(findings.length === 0 ? `${file}: nothing is wrong` : findings.map(describe).join('\n'));
  if (findings.some(({ severity }) => severity === 'error')) process.exitCode = 1;
}

function describe({ severity, at, problem, fix }: Finding): string {
  return `${severity}: ${at}: ${problem}\n  fix: ${fix}`;
}

function generate(options: ConfigOptions, command: Command): string {
  const { root, state, socket, oomScore: score, sandboxImage, cniBinDir, cniConfDir, cgroupDriver, registryConfigPath } = options;
  const { maySetOomScore, hasHugetlbController } = readMachineLimits();
  const limits = { restrictOomScoreAdj: !maySetOomScore, disableHugetlbController: !hasHugetlbController };
  const cri = { sandboxImage, cniBinDir, cniConfDir, cgroupDriver, registryConfigPath, ...limits };
  return containerdConfig({ root, state, socket, oomScore: score, cri, ...tcpOf(options, command) }).trimEnd();
}

function tcpOf({ tcpAddress, tcpTlsCert, tcpTlsKey, tcpTlsCa }: ConfigOptions, command: Command): Pick<ContainerdConfig, 'tcp'> {
  if (tcpAddress === undefined) return {};
  if (tcpTlsCert === undefined || tcpTlsKey === undefined || tcpTlsCa === undefined) {
    return command.error('--tcp-address takes --tcp-tls-cert, --tcp-tls-key and --tcp-tls-ca: whoever reaches containerd without them is root on this machine');
  }
  return { tcp: { address: tcpAddress, certFile: tcpTlsCert, keyFile: tcpTlsKey, clientCaFile: tcpTlsCa } };
}

function oomScore(text: string): number {
  const score = Number(text);
  if (!Number.isInteger(score) || score < -1000 || score > 1000) throw new InvalidArgumentError('a number from -1000 to 1000');
  return score;
}
