import { parseDurationMs } from '../../util/index.ts';
import type { KubeletConfiguration } from '../kubelet-configuration.ts';

/** The figures of Kubernetes 1.36; what depends on other fields is below. */
const constants = {
  enableServer: true, address: '0.0.0.0', port: 10250, healthzPort: 10248, healthzBindAddress: '127.0.0.1', streamingConnectionIdleTimeout: '4h0m0s',
  enableDebuggingHandlers: true, enableProfilingHandler: true, enableDebugFlagsHandler: true, enableSystemLogHandler: true,
  syncFrequency: '1m0s', fileCheckFrequency: '20s', httpCheckFrequency: '20s',
  eventRecordQPS: 50, eventBurst: 100, kubeAPIQPS: 50, kubeAPIBurst: 100, contentType: 'application/vnd.kubernetes.protobuf',
  nodeLeaseDurationSeconds: 40, nodeStatusMaxImages: 50, registerNode: true,
  configMapAndSecretChangeDetectionStrategy: 'Watch', enableControllerAttachDetach: true,
  registryPullQPS: 5, registryBurst: 10, imagePullCredentialsVerificationPolicy: 'NeverVerifyPreloadedImages',
  imageMinimumGCAge: '2m0s', imageMaximumGCAge: '0s', imageGCHighThresholdPercent: 85, imageGCLowThresholdPercent: 80,
  oomScoreAdj: -999, cgroupsPerQOS: true, cgroupDriver: 'cgroupfs', cpuManagerPolicy: 'none', cpuManagerReconcilePeriod: '10s',
  memoryManagerPolicy: 'None', topologyManagerPolicy: 'none', topologyManagerScope: 'container', maxPods: 110, podPidsLimit: -1, maxOpenFiles: 1_000_000,
  cpuCFSQuota: true, cpuCFSQuotaPeriod: '100ms', evictionPressureTransitionPeriod: '5m0s', mergeDefaultEvictionSettings: false,
  enforceNodeAllocatable: ['pods'] as string[], memoryThrottlingFactor: 0.9, memoryReservationPolicy: 'None', failSwapOn: true, failCgroupV1: true,
  localStorageCapacityIsolation: true, resolvConf: '/etc/resolv.conf', hairpinMode: 'promiscuous-bridge', makeIPTablesUtilChains: true,
  iptablesMasqueradeBit: 14, iptablesDropBit: 15, seccompDefault: false, shutdownGracePeriod: '0s', shutdownGracePeriodCriticalPods: '0s',
  containerLogMaxSize: '10Mi', containerLogMaxFiles: 5, containerLogMaxWorkers: 1, containerLogMonitorInterval: '10s',
  volumeStatsAggPeriod: '1m0s', volumePluginDir: '/usr/libexec/kubernetes/kubelet-plugins/volume/exec/',
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock', runtimeRequestTimeout: '2m0s',
} satisfies KubeletConfiguration;

interface Derived {
  authentication: { x509: { clientCAFile?: string }; webhook: { enabled: boolean; cacheTTL: string }; anonymous: { enabled: boolean } };
  authorization: { mode: 'AlwaysAllow' | 'Webhook'; webhook: { cacheAuthorizedTTL: string; cacheUnauthorizedTTL: string } };
  nodeStatusUpdateFrequency: string;
  nodeStatusReportFrequency: string;
  serializeImagePulls: boolean;
  crashLoopBackOff: { maxContainerRestartPeriod: string };
}

/** A configuration that answers for all that has a default. */
export type DefaultedKubeletConfiguration = KubeletConfiguration & Required<Pick<KubeletConfiguration, keyof typeof constants>> & Derived;

/** Durations that are pointers in Kubernetes' Go types: zero is said, not left out. */
const meantZero: readonly string[] = ['cpuCFSQuotaPeriod', 'containerLogMonitorInterval'];

/** Kubernetes' defaults for what the file leaves out; a duration of zero counts as left out where it does upstream. */
export function defaultKubeletConfiguration(given: KubeletConfiguration): DefaultedKubeletConfiguration {
  const configuration = withoutZeroDurations(given);
  const { authentication = {}, authorization = {}, crashLoopBackOff = {}, maxParallelImagePulls = 0, podPidsLimit = -1 } = configuration;
  const { nodeStatusUpdateFrequency } = configuration;
  return {
    ...constants,
    ...configuration,
    podPidsLimit: Math.max(podPidsLimit, -1),
    authentication: {
      x509: authentication.x509 ?? {},
      webhook: { enabled: true, cacheTTL: '2m0s', ...withoutZeroDurations(authentication.webhook ?? {}) },
      anonymous: { enabled: false, ...authentication.anonymous },
    },
    authorization: {
      mode: authorization.mode ?? 'Webhook',
      webhook: { cacheAuthorizedTTL: '5m0s', cacheUnauthorizedTTL: '30s', ...withoutZeroDurations(authorization.webhook ?? {}) },
    },
    nodeStatusUpdateFrequency: nodeStatusUpdateFrequency ?? '10s',
    nodeStatusReportFrequency: configuration.nodeStatusReportFrequency ?? nodeStatusUpdateFrequency ?? '5m0s',
    serializeImagePulls: configuration.serializeImagePulls ?? maxParallelImagePulls < 2,
    crashLoopBackOff: { maxContainerRestartPeriod: '5m0s', ...crashLoopBackOff },
  };
}

function withoutZeroDurations<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([key, value]) => meantZero.includes(key) || !isZeroDuration(value))) as T;
}

function isZeroDuration(value: unknown): boolean {
  if (typeof value !== 'string' || !/^\d/.test(value)) return false;
  try {
    return parseDurationMs(value) === 0;
  } catch {
    return false;
  }
}
