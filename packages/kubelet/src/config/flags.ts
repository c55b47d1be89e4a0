import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { addNativePlaces } from '@podling/cri/native-flags';
import type { NativePlaces } from '@podling/cri/native-flags';
import type { DefaultedKubeletConfiguration } from '@podling/shared/scheme';
import { parseDurationMs } from '@podling/shared/util';
import { Command, InvalidArgumentError, Option } from 'commander';

/** What the command line says; undefined where it is silent and the configuration decides. */
export interface Flags extends NativePlaces {
  config?: string;
  kubeconfig?: string;
  hostnameOverride: string;
  nodeIp: string;
  nodeLabels: Record<string, string>;
  nodeLeaseRenewInterval?: number;
  subnetFile?: string;
  kubernetesServiceEndpoint?: string;
  containerRuntime?: 'native' | 'remote' | 'fake';
  containerRuntimeEndpoint?: string;
  imageServiceEndpoint?: string;
  containerRuntimeTlsCaFile?: string;
  containerRuntimeTlsCertFile?: string;
  containerRuntimeTlsPrivateKeyFile?: string;
  containerdAddress?: string;
  maxPods?: number;
  clusterDns?: string[];
  clusterDomain?: string;
  resolvConf?: string;
  cgroupRoot?: string;
  podManifestPath?: string;
  allowedUnsafeSysctls?: string[];
  seccompDefault?: boolean;
  address?: string;
  port?: number;
  healthzPort?: number;
  podLogDir?: string;
  tlsCertFile?: string;
  tlsPrivateKeyFile?: string;
  clientCaFile?: string;
  authenticationTokenWebhook?: boolean;
  authorizationMode?: 'Webhook' | 'AlwaysAllow';
}

/** Unknown flags and bad values end with a message. */
export function parseFlags(argv: readonly string[]): Flags {
  const command = new Command('kubelet').description('runs the pods that are bound to this node');
  addIdentity(command);
  addRuntime(command);
  addServing(command);
  return command.parse(argv, { from: 'user' }).opts<Flags>();
}

/** A flag that was given wins over the configuration. */
export function overrideWith(flags: Flags, configuration: DefaultedKubeletConfiguration): DefaultedKubeletConfiguration {
  const { authentication, authorization } = configuration;
  const { containerRuntimeEndpoint, imageServiceEndpoint, clientCaFile, authenticationTokenWebhook, authorizationMode, podManifestPath, podLogDir, clusterDns } = flags;
  const { allowedUnsafeSysctls, seccompDefault, maxPods, clusterDomain, resolvConf, cgroupRoot, address, port, healthzPort, tlsCertFile, tlsPrivateKeyFile } = flags;
  const given = {
    allowedUnsafeSysctls, seccompDefault, maxPods, clusterDomain, resolvConf, cgroupRoot, address, port, healthzPort, tlsCertFile, tlsPrivateKeyFile,
    clusterDNS: clusterDns, staticPodPath: podManifestPath, podLogsDir: podLogDir, containerRuntimeEndpoint, imageServiceEndpoint,
  };
  return {
    ...configuration,
    ...(withoutUndefined(given) as Partial<DefaultedKubeletConfiguration>),
    authentication: {
      ...authentication,
      x509: { ...authentication.x509, ...(clientCaFile === undefined ? {} : { clientCAFile: clientCaFile }) },
      webhook: { ...authentication.webhook, enabled: authenticationTokenWebhook ?? authentication.webhook.enabled },
    },
    authorization: { ...authorization, mode: authorizationMode ?? authorization.mode },
  };
}

function withoutUndefined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function addIdentity(command: Command): void {
  command
    .option('--config <path>', 'a KubeletConfiguration file (kubelet.config.k8s.io/v1beta1); flags win over it')
    .option('--kubeconfig <path>', 'where the apiserver is and who we are there')
    .option('--hostname-override <name>', 'name of the Node', hostname())
    .option('--node-ip <ip>', 'InternalIP of the Node', '127.0.0.1')
    .option('--node-labels <labels>', 'k=v,… added to the Node at registration', parseLabels, {})
    .option('--max-pods <number>', 'pods this node takes (default 110)', parseCount)
    .option('--node-lease-renew-interval <duration>', 'time between two renewals of the Lease (default 10s)', parseDuration)
    .option('--subnet-file <path>', "flannel's subnet file: source of spec.podCIDR")
    .option('--cluster-dns <ips>', 'DNS servers of pods with dnsPolicy ClusterFirst', parseList)
    .option('--kubernetes-service-endpoint <url>', "where pods reach the apiserver (default: the kubeconfig's server, if it is an IP address)", parseEndpoint)
    .option('--cluster-domain <domain>', 'DNS domain of the cluster (default cluster.local)')
    .option('--resolv-conf <path>', "the node's resolver configuration, for pods with dnsPolicy Default (default /etc/resolv.conf)")
    .option('--pod-manifest-path <path>', 'file or folder of static pods')
    .option('--allowed-unsafe-sysctls <names>', 'sysctls that pods may set beyond the safe ones; a name may end in *', parseList)
    .option('--seccomp-default [bool]', "the runtime's seccomp profile for containers that name none (default false)", parseSwitch);
}

function addRuntime(command: Command): void {
  command
    .addOption(new Option('--container-runtime <name>', 'what runs the containers: nerdctl and containerd (native), a CRI runtime (remote), nothing (fake); default: remote with an endpoint, else native').choices(['native', 'remote', 'fake']))
    .option('--container-runtime-endpoint <endpoint>', 'the CRI runtime: unix:///run/…, a path, or tcp://host:port (default of remote: the well-known sockets in order)')
    .option('--image-service-endpoint <endpoint>', "the CRI image service (default: the runtime's endpoint)")
    .option('--container-runtime-tls-ca-file <path>', 'CA of a CRI runtime at a TCP endpoint')
    .option('--container-runtime-tls-cert-file <path>', 'client certificate for it')
    .option('--container-runtime-tls-private-key-file <path>', 'its key')
    .option('--containerd-address <socket>', "containerd's socket, for native (default /run/containerd/containerd.sock)")
    .option('--cgroup-root <path>', 'cgroup above all pods (default /podling/NODE)');
  addNativePlaces(command, { rootDir: '/var/lib/kubelet', containerdNamespace: 'podling' });
}

function addServing(command: Command): void {
  command
    .option('--address <ip>', 'where the HTTPS server listens (default 0.0.0.0)')
    .option('--port <number>', 'port of the HTTPS server, 0 = any (default 10250)', parseCount)
    .option('--healthz-port <number>', 'port of /healthz on loopback, 0 = none (default 0, with --config 10248)', parseCount)
    .option('--pod-log-dir <dir>', 'container logs (default ROOT/logs)')
    .option('--tls-cert-file <path>', 'serving certificate')
    .option('--tls-private-key-file <path>', 'its key')
    .option('--client-ca-file <path>', 'CA whose client certificates are let in')
    .addOption(new Option('--anonymous-auth <bool>', 'requests without a name are refused').choices(['false']).default('false'))
    .option('--authentication-token-webhook [bool]', 'asks the apiserver whose a bearer token is (default true)', parseSwitch)
    .addOption(new Option('--authorization-mode <mode>', 'who decides what a known user may (default Webhook)').choices(['Webhook', 'AlwaysAllow']));
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
