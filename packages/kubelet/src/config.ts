import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseDurationMs } from '@podling/shared/util';
import { Command, InvalidArgumentError, Option } from 'commander';

/** Everything the kubelet is told from outside; paths absolute, times in milliseconds. */
export interface KubeletConfig {
  kubeconfig?: string;
  nodeName: string;
  nodeIp: string;
  address: string;
  port: number;
  rootDir: string;
  podLogDir: string;
  containerRuntime: 'containerd' | 'fake';
  containerdAddress: string;
  containerdNamespace: string;
  containerdStateDir: string;
  toolchainDir?: string;
  cniConfDir: string;
  cniBinDir?: string;
  nerdctlDataRoot: string;
  /** flannel's; without one the node has no podCIDR and does not wait for a network. */
  subnetFile?: string;
  cgroupRoot: string;
  podInfraContainerImage: string;
  tlsCertFile?: string;
  tlsPrivateKeyFile?: string;
  clientCaFile?: string;
  authenticationTokenWebhook: boolean;
  authorizationMode: 'Webhook' | 'AlwaysAllow';
  clusterDns: string[];
  clusterDomain: string;
  /** Where pods reach the apiserver; absent: where the kubelet does. */
  kubernetesServiceEndpoint?: string;
  nodeLabels: Record<string, string>;
  maxPods: number;
  nodeLeaseRenewIntervalMs: number;
}

/** Parses the command line; unknown flags and bad values end with a message. */
export function parseKubeletConfig(argv: readonly string[]): KubeletConfig {
  const options = createCommand().parse(argv, { from: 'user' }).opts<Flags>();
  const { hostnameOverride, nodeLeaseRenewInterval, ...rest } = options;
  return {
    ...rest,
    nodeName: hostnameOverride,
    podLogDir: options.podLogDir ?? join(options.rootDir, 'logs'),
    containerdStateDir: options.containerdStateDir ?? join(options.rootDir, 'containerd'),
    nerdctlDataRoot: options.nerdctlDataRoot ?? join(options.rootDir, 'nerdctl'),
    cgroupRoot: options.cgroupRoot ?? `/podling/${hostnameOverride}`,
    nodeLeaseRenewIntervalMs: nodeLeaseRenewInterval,
  };
}

type Derived = 'podLogDir' | 'containerdStateDir' | 'nerdctlDataRoot' | 'cgroupRoot';

type Flags = Omit<KubeletConfig, 'nodeName' | 'nodeLeaseRenewIntervalMs' | Derived> &
  Partial<Pick<KubeletConfig, Derived>> & { hostnameOverride: string; nodeLeaseRenewInterval: number };

function createCommand(): Command {
  const command = new Command('kubelet').description('runs the pods that are bound to this node');
  addIdentity(command);
  addRuntime(command);
  addServing(command);
  return command;
}

function addIdentity(command: Command): void {
  command
    .option('--kubeconfig <path>', 'where the apiserver is and who we are there')
    .option('--hostname-override <name>', 'name of the Node', hostname())
    .option('--node-ip <ip>', 'InternalIP of the Node', '127.0.0.1')
    .option('--node-labels <labels>', 'k=v,… added to the Node at registration', parseLabels, {})
    .option('--max-pods <number>', 'pods this node takes', parseCount, 110)
    .option('--node-lease-renew-interval <duration>', 'time between two renewals of the Lease', parseDuration, 10_000)
    .option('--subnet-file <path>', "flannel's subnet file: source of spec.podCIDR")
    .option('--cluster-dns <ips>', 'DNS servers of pods with dnsPolicy ClusterFirst', parseList, [])
    .option('--kubernetes-service-endpoint <url>', "where pods reach the apiserver (default: the kubeconfig's server, if it is an IP address)", parseEndpoint)
    .option('--cluster-domain <domain>', 'DNS domain of the cluster', 'cluster.local');
}

function addRuntime(command: Command): void {
  command
    .addOption(new Option('--container-runtime <name>', 'what runs the containers').choices(['containerd', 'fake']).default('containerd'))
    .option('--containerd-address <socket>', "containerd's socket", '/run/containerd/containerd.sock')
    .option('--containerd-namespace <name>', "containerd's namespace for our containers", 'podling')
    .option('--containerd-state-dir <dir>', "the runtime layer's own records and pipes (default ROOT/containerd)")
    .option('--toolchain-dir <dir>', 'where nerdctl and the CNI plugins are')
    .option('--cni-conf-dir <dir>', 'CNI network configuration', '/etc/cni/net.d')
    .option('--cni-bin-dir <dir>', 'CNI plugins (default: those of the toolchain)')
    .option('--nerdctl-data-root <dir>', "nerdctl's own records (default ROOT/nerdctl)")
    .option('--cgroup-root <path>', 'cgroup above all pods (default /podling/NODE)')
    .option('--pod-infra-container-image <image>', 'image of the pod sandbox', 'podling.local/pause:1');
}

function addServing(command: Command): void {
  command
    .option('--address <ip>', 'where the HTTPS server listens', '0.0.0.0')
    .option('--port <number>', 'port of the HTTPS server, 0 = any', parseCount, 10250)
    .option('--root-dir <dir>', 'pod directories and records', '/var/lib/kubelet')
    .option('--pod-log-dir <dir>', 'container logs (default ROOT/logs)')
    .option('--tls-cert-file <path>', 'serving certificate')
    .option('--tls-private-key-file <path>', 'its key')
    .option('--client-ca-file <path>', 'CA whose client certificates are let in')
    .addOption(new Option('--anonymous-auth <bool>', 'requests without a name are refused').choices(['false']).default('false'))
    .option('--authentication-token-webhook [bool]', 'asks the apiserver whose a bearer token is', parseSwitch, true)
    .addOption(new Option('--authorization-mode <mode>', 'who decides what a known user may').choices(['Webhook', 'AlwaysAllow']).default('Webhook'));
}

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('not a number');
  return Number(text);
}

function parseSwitch(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('not true or false');
  return text === 'true';
}

function parseList(text: string): string[] {
  return text.split(',').map((part) => part.trim()).filter((part) => part !== '');
}

function parseEndpoint(text: string): string {
  const host = URL.parse(text)?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (isIP(host) === 0) throw new InvalidArgumentError('not a URL with an IP address');
  return text;
}

function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries(parseList(text).map((pair) => {
    const [key = '', ...value] = pair.split('=');
    if (key === '' || value.length === 0) throw new InvalidArgumentError(`"${pair}" is not key=value`);
    return [key, value.join('=')];
  }));
}

function parseDuration(text: string): number {
  try {
    return parseDurationMs(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
