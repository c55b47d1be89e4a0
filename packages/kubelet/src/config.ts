import { join } from 'node:path';
import type { Taint } from '@podling/shared/api';
import { defaultKubeletConfiguration, validateKubeletConfiguration, type DefaultedKubeletConfiguration } from '@podling/shared/scheme';
import { parseDurationMs } from '@podling/shared/util';
import { readConfigurationFile, refuseInvalid } from './config/configuration-file.ts';
import { overrideWith, parseFlags, type Flags } from './config/flags.ts';
import { nodePressure, validateNodePressure, type NodePressureConfig } from './config/node-pressure.ts';
import { chooseRuntime, type ContainerRuntime, type RuntimeTls } from './config/runtime-choice.ts';

/** Everything the kubelet is told from outside; paths absolute, times in milliseconds. */
export interface KubeletConfig extends NodePressureConfig {
  kubeconfig?: string;
  nodeName: string;
  nodeIp: string;
  /** False: no HTTPS server at all. */
  enableServer: boolean;
  address: string;
  port: number;
  /** False: metrics, statistics and health are served, and nothing that shows pods or what they write. */
  enableDebuggingHandlers: boolean;
  /** 0: none. */
  healthzPort: number;
  healthzBindAddress: string;
  rootDir: string;
  podLogDir: string;
  containerRuntime: ContainerRuntime;
  /** Of the CRI runtime; absent: the well-known ones are tried in order. */
  containerRuntimeEndpoint?: string;
  /** Absent: as the runtime's. */
  imageServiceEndpoint?: string;
  /** For a CRI runtime at a TCP endpoint. */
  containerRuntimeTls?: RuntimeTls;
  /** Of calls of a CRI runtime that have no longer one of their own. */
  runtimeRequestTimeoutMs: number;
  containerdAddress: string;
  containerdNamespace: string;
  containerdStateDir: string;
  toolchainDir?: string;
  cniConfDir: string;
  cniBinDir?: string;
  cniNetwork: string;
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
  /** How long the apiserver's answers about a token or a user are believed. */
  reviewTtls: { tokenMs: number; allowedMs: number; refusedMs: number };
  clusterDns: string[];
  clusterDomain: string;
  /** The node's resolver configuration; '' for none. */
  resolvConf: string;
  /** Where pods reach the apiserver; absent: where the kubelet does. */
  kubernetesServiceEndpoint?: string;
  nodeLabels: Record<string, string>;
  registerNode: boolean;
  registerWithTaints: Taint[];
  providerId?: string;
  maxPods: number;
  /** 0: as many as `maxPods`. */
  podsPerCore: number;
  nodeLeaseDurationSeconds: number;
  nodeLeaseRenewIntervalMs: number;
  nodeStatusUpdateFrequencyMs: number;
  nodeStatusReportFrequencyMs: number;
  /** A folder or a file of static pods. */
  staticPodPath?: string;
  fileCheckFrequencyMs: number;
  /** How often the runtime is looked through when it has told of nothing. */
  syncFrequencyMs: number;
  /** One pull after another. */
  serializeImagePulls: boolean;
  /** How many pulls at once where they are not serialized; absent: any number. */
  maxParallelImagePulls?: number;
  /** Patterns of sysctls that pods may set beyond the safe ones: `kernel.shm*`, `net.core.somaxconn`. */
  allowedUnsafeSysctls: string[];
  /** RuntimeDefault for containers that name no seccomp profile. */
  seccompDefault: boolean;
  /** The longest wait between two starts of a crashing container. */
  crashLoopMaxRestartPeriodMs: number;
  /** In order of priority; empty: no graceful shutdown. */
  shutdownGracePeriods: { priority: number; seconds: number }[];
  /** All of it as it is in force, for `/configz`. */
  configuration: DefaultedKubeletConfiguration;
  /** Paths of the fields of the configuration that are accepted and not acted on. */
  warnings: string[];
  /** Where the configuration was read from. */
  configFile?: string;
}

/**
 * The command line over the file that `--config` names over Kubernetes' defaults. Unknown flags and bad values end with a
 * message; throws `ConfigurationError` for a file that cannot be used.
 */
export function parseKubeletConfig(argv: readonly string[]): KubeletConfig {
  const flags = parseFlags(argv);
  const file = flags.config === undefined ? { configuration: { healthzPort: 0 }, ignored: [] } : readConfigurationFile(flags.config);
  const configuration = overrideWith(flags, defaultKubeletConfiguration(file.configuration));
  refuseInvalid([...validateKubeletConfiguration(configuration), ...validateNodePressure(configuration)]);
  const { ignored, ...runtime } = chooseRuntime(flags, file.configuration);
  const warnings = [...file.ignored, ...ignored];
  return { ...ofFlags(flags), ...runtime, ...ofConfiguration(configuration, flags), configuration, warnings, ...given({ configFile: flags.config }) };
}

/** What no KubeletConfiguration says. */
function ofFlags(flags: Flags) {
  const { hostnameOverride, rootDir, nodeIp, nodeLabels, containerdNamespace, cniConfDir, cniNetwork, podInfraContainerImage } = flags;
  const { kubeconfig, toolchainDir, cniBinDir, subnetFile, kubernetesServiceEndpoint, containerdStateDir, nerdctlDataRoot } = flags;
  return {
    nodeName: hostnameOverride, rootDir, nodeIp, nodeLabels, containerdNamespace, cniConfDir, cniNetwork, podInfraContainerImage,
    ...given({ kubeconfig, toolchainDir, cniBinDir, subnetFile, kubernetesServiceEndpoint }),
    containerdAddress: flags.containerdAddress ?? '/run/containerd/containerd.sock',
    containerdStateDir: containerdStateDir ?? join(rootDir, 'containerd'),
    nerdctlDataRoot: nerdctlDataRoot ?? join(rootDir, 'nerdctl'),
  };
}

function ofConfiguration(configuration: DefaultedKubeletConfiguration, { rootDir, hostnameOverride, nodeLeaseRenewInterval }: Flags) {
  const { enableServer, address, port, enableDebuggingHandlers, healthzPort, healthzBindAddress, maxPods, resolvConf } = configuration;
  const { serializeImagePulls, maxParallelImagePulls, seccompDefault, registerNode, nodeLeaseDurationSeconds } = configuration;
  const { authentication, tlsCertFile, tlsPrivateKeyFile, staticPodPath } = configuration;
  return {
    enableServer, address, port, enableDebuggingHandlers, healthzPort, healthzBindAddress, maxPods, resolvConf,
    serializeImagePulls, seccompDefault, registerNode, nodeLeaseDurationSeconds,
    ...given({ tlsCertFile, tlsPrivateKeyFile, staticPodPath, maxParallelImagePulls, clientCaFile: authentication.x509.clientCAFile, providerId: configuration.providerID }),
    podLogDir: configuration.podLogsDir ?? join(rootDir, 'logs'),
    cgroupRoot: configuration.cgroupRoot ?? `/podling/${hostnameOverride}`,
    authenticationTokenWebhook: authentication.webhook.enabled,
    authorizationMode: configuration.authorization.mode,
    clusterDns: configuration.clusterDNS ?? [],
    clusterDomain: configuration.clusterDomain ?? 'cluster.local',
    podsPerCore: configuration.podsPerCore ?? 0,
    registerWithTaints: configuration.registerWithTaints ?? [],
    allowedUnsafeSysctls: configuration.allowedUnsafeSysctls ?? [],
    nodeLeaseRenewIntervalMs: nodeLeaseRenewInterval ?? nodeLeaseDurationSeconds * 250,
    shutdownGracePeriods: shutdownGracePeriods(configuration),
    ...periods(configuration),
    ...nodePressure(configuration),
  };
}

function periods(configuration: DefaultedKubeletConfiguration) {
  const { nodeStatusUpdateFrequency, nodeStatusReportFrequency, fileCheckFrequency, syncFrequency, runtimeRequestTimeout, crashLoopBackOff } = configuration;
  const { authentication, authorization } = configuration;
  return {
    nodeStatusUpdateFrequencyMs: parseDurationMs(nodeStatusUpdateFrequency),
    nodeStatusReportFrequencyMs: parseDurationMs(nodeStatusReportFrequency),
    fileCheckFrequencyMs: parseDurationMs(fileCheckFrequency),
    syncFrequencyMs: parseDurationMs(syncFrequency),
    runtimeRequestTimeoutMs: parseDurationMs(runtimeRequestTimeout),
    reviewTtls: {
      tokenMs: parseDurationMs(authentication.webhook.cacheTTL),
      allowedMs: parseDurationMs(authorization.webhook.cacheAuthorizedTTL),
      refusedMs: parseDurationMs(authorization.webhook.cacheUnauthorizedTTL),
    },
    crashLoopMaxRestartPeriodMs: parseDurationMs(crashLoopBackOff.maxContainerRestartPeriod),
  };
}

const criticalPriority = 2_000_000_000;

/** The two plain periods are two groups: critical pods, and all others before them. */
function shutdownGracePeriods(configuration: DefaultedKubeletConfiguration): KubeletConfig['shutdownGracePeriods'] {
  const { shutdownGracePeriodByPodPriority: groups = [], shutdownGracePeriod, shutdownGracePeriodCriticalPods } = configuration;
  const [whole, critical] = [shutdownGracePeriod, shutdownGracePeriodCriticalPods].map((text) => parseDurationMs(text) / 1_000) as [number, number];
  if (groups.length > 0) {
    return groups.map(({ priority, shutdownGracePeriodSeconds }) => ({ priority, seconds: shutdownGracePeriodSeconds })).sort((a, b) => a.priority - b.priority);
  }
  return whole === 0 ? [] : [{ priority: 0, seconds: whole - critical }, { priority: criticalPriority, seconds: critical }];
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}
