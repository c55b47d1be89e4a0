import type { Static } from 'typebox';
import { TaintSchema, type Taint } from './node.ts';
import { typeMeta } from './object-meta.ts';
import { boolean, duration, durationOrNanoseconds, int32, int64, keepEmpty, list, mapOf, model, named, number, oneOf, resourceList, string, stringMap } from './schema.ts';

const flag = keepEmpty(boolean);
const count = keepEmpty(int32);

export const KubeletX509AuthenticationSchema = model('kubelet.v1beta1.KubeletX509Authentication', {}, { clientCAFile: string });
export const KubeletWebhookAuthenticationSchema = model('kubelet.v1beta1.KubeletWebhookAuthentication', {}, { enabled: flag, cacheTTL: duration });
export const KubeletAnonymousAuthenticationSchema = model('kubelet.v1beta1.KubeletAnonymousAuthentication', {}, { enabled: flag });

export const KubeletAuthenticationSchema = model(
  'kubelet.v1beta1.KubeletAuthentication',
  {},
  { x509: KubeletX509AuthenticationSchema, webhook: KubeletWebhookAuthenticationSchema, anonymous: KubeletAnonymousAuthenticationSchema },
  { defaults: { x509: {}, webhook: {}, anonymous: {} } },
);

export const KubeletWebhookAuthorizationSchema = model(
  'kubelet.v1beta1.KubeletWebhookAuthorization', {}, { cacheAuthorizedTTL: duration, cacheUnauthorizedTTL: duration },
);

export const KubeletAuthorizationSchema = model(
  'kubelet.v1beta1.KubeletAuthorization',
  {},
  { mode: oneOf('AlwaysAllow', 'Webhook'), webhook: KubeletWebhookAuthorizationSchema },
  { defaults: { webhook: {} } },
);

export const ShutdownGracePeriodByPodPrioritySchema = model(
  'kubelet.v1beta1.ShutdownGracePeriodByPodPriority', { priority: int32, shutdownGracePeriodSeconds: int64 }, {},
);
export interface ShutdownGracePeriodByPodPriority extends Static<typeof ShutdownGracePeriodByPodPrioritySchema> {}

const OutputRouting = { splitStream: boolean, infoBufferSize: string };

const FormatOptionsSchema = model(
  'kubelet.v1beta1.FormatOptions',
  {},
  { text: model('kubelet.v1beta1.TextOptions', {}, OutputRouting), json: model('kubelet.v1beta1.JSONOptions', {}, OutputRouting) },
);

const LoggingConfigurationSchema = model(
  'kubelet.v1beta1.LoggingConfiguration',
  {},
  {
    format: oneOf('text', 'json'), flushFrequency: durationOrNanoseconds, verbosity: int32, options: FormatOptionsSchema,
    vmodule: list(model('kubelet.v1beta1.VModuleItem', { filePattern: string, verbosity: int32 }, {})),
  },
);

const serving = {
  enableServer: flag, address: string, port: int32, readOnlyPort: int32,
  tlsCertFile: string, tlsPrivateKeyFile: string, tlsCipherSuites: list(string), tlsCurvePreferences: list(int32), tlsMinVersion: string,
  rotateCertificates: boolean, serverTLSBootstrap: boolean,
  authentication: KubeletAuthenticationSchema, authorization: KubeletAuthorizationSchema,
  healthzPort: count, healthzBindAddress: string, streamingConnectionIdleTimeout: duration,
  enableDebuggingHandlers: flag, enableContentionProfiling: boolean, enableProfilingHandler: flag, enableDebugFlagsHandler: flag,
  enableSystemLogHandler: flag, enableSystemLogQuery: flag, showHiddenMetricsForVersion: string,
};

const sources = {
  staticPodPath: string, staticPodURL: string, staticPodURLHeader: mapOf(list(string)), podLogsDir: string,
  syncFrequency: duration, fileCheckFrequency: duration, httpCheckFrequency: duration, runOnce: boolean,
};

const apiserver = {
  eventRecordQPS: count, eventBurst: int32, kubeAPIQPS: count, kubeAPIBurst: int32, contentType: string,
  nodeStatusUpdateFrequency: duration, nodeStatusReportFrequency: duration, nodeLeaseDurationSeconds: int32, nodeStatusMaxImages: count,
  registerNode: flag, registerWithTaints: list(named<Taint>(TaintSchema)), providerID: string, podCIDR: string,
  configMapAndSecretChangeDetectionStrategy: oneOf('Get', 'Cache', 'Watch'), enableControllerAttachDetach: flag,
};

const images = {
  registryPullQPS: count, registryBurst: int32, serializeImagePulls: flag, maxParallelImagePulls: count,
  imagePullCredentialsVerificationPolicy: oneOf('NeverVerify', 'NeverVerifyPreloadedImages', 'NeverVerifyAllowlistedImages', 'AlwaysVerify'),
  preloadedImagesVerificationAllowlist: list(string),
  imageMinimumGCAge: duration, imageMaximumGCAge: duration, imageGCHighThresholdPercent: count, imageGCLowThresholdPercent: count,
};

const resources = {
  oomScoreAdj: count, kubeletCgroups: string, systemCgroups: string, cgroupRoot: string, cgroupsPerQOS: flag, cgroupDriver: oneOf('cgroupfs', 'systemd'),
  cpuManagerPolicy: oneOf('none', 'static'), cpuManagerPolicyOptions: stringMap, cpuManagerReconcilePeriod: duration,
  memoryManagerPolicy: oneOf('None', 'Static'), reservedMemory: list(model('kubelet.v1beta1.MemoryReservation', { numaNode: int32, limits: resourceList }, {})),
  topologyManagerPolicy: oneOf('none', 'best-effort', 'restricted', 'single-numa-node'), topologyManagerScope: oneOf('container', 'pod'),
  topologyManagerPolicyOptions: stringMap, qosReserved: stringMap, singleProcessOOMKill: flag,
  maxPods: int32, podsPerCore: int32, podPidsLimit: keepEmpty(int64), maxOpenFiles: int64, cpuCFSQuota: flag, cpuCFSQuotaPeriod: duration,
  evictionHard: stringMap, evictionSoft: stringMap, evictionSoftGracePeriod: stringMap, evictionPressureTransitionPeriod: duration,
  evictionMaxPodGracePeriod: int32, evictionMinimumReclaim: stringMap, mergeDefaultEvictionSettings: flag, kernelMemcgNotification: boolean,
  systemReserved: stringMap, kubeReserved: stringMap, reservedSystemCPUs: string, systemReservedCgroup: string, kubeReservedCgroup: string,
  enforceNodeAllocatable: keepEmpty(list(string)), memoryThrottlingFactor: keepEmpty(number), memoryReservationPolicy: oneOf('None', 'TieredReservation'),
  failSwapOn: flag, memorySwap: model('kubelet.v1beta1.MemorySwapConfiguration', {}, { swapBehavior: oneOf('NoSwap', 'LimitedSwap') }),
  failCgroupV1: flag, localStorageCapacityIsolation: flag, protectKernelDefaults: boolean,
};

const pods = {
  clusterDomain: string, clusterDNS: list(string), resolvConf: keepEmpty(string), hairpinMode: oneOf('promiscuous-bridge', 'hairpin-veth', 'none'),
  makeIPTablesUtilChains: flag, iptablesMasqueradeBit: count, iptablesDropBit: count,
  allowedUnsafeSysctls: list(string), seccompDefault: flag, userNamespaces: model('kubelet.v1beta1.UserNamespaces', {}, { idsPerPod: keepEmpty(int64) }),
  crashLoopBackOff: model('kubelet.v1beta1.CrashLoopBackOffConfig', {}, { maxContainerRestartPeriod: duration }),
  shutdownGracePeriod: duration, shutdownGracePeriodCriticalPods: duration,
  shutdownGracePeriodByPodPriority: list(named<ShutdownGracePeriodByPodPriority>(ShutdownGracePeriodByPodPrioritySchema)),
  containerLogMaxSize: string, containerLogMaxFiles: count, containerLogMaxWorkers: count, containerLogMonitorInterval: duration,
  volumeStatsAggPeriod: duration, volumePluginDir: string,
};

const runtime = {
  containerRuntimeEndpoint: string, imageServiceEndpoint: string, runtimeRequestTimeout: duration,
  featureGates: mapOf(boolean), logging: LoggingConfigurationSchema,
  tracing: model('kubelet.v1beta1.TracingConfiguration', {}, { endpoint: keepEmpty(string), samplingRatePerMillion: count }),
};

/**
 * The file that `kubelet --config` reads: kubelet.config.k8s.io/v1beta1 as in Kubernetes 1.36, in groups of our own; what
 * of it this kubelet acts on is in docs/kubelet-configuration.md.
 */
export const KubeletConfigurationSchema = model(
  'kubelet.v1beta1.KubeletConfiguration',
  {},
  { ...typeMeta, ...serving, ...sources, ...apiserver, ...images, ...resources, ...pods, ...runtime },
);
export interface KubeletConfiguration extends Static<typeof KubeletConfigurationSchema> {}
