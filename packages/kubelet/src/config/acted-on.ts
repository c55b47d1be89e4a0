/**
 * The fields of a KubeletConfiguration file that this kubelet acts on; a path stands for all below it. Any other that is
 * set is accepted with a warning.
 */
export const actedOn: readonly string[] = [
  'apiVersion', 'kind',
  'enableServer', 'address', 'port', 'tlsCertFile', 'tlsPrivateKeyFile', 'authentication', 'authorization', 'enableDebuggingHandlers', 'streamingConnectionIdleTimeout',
  'healthzPort', 'healthzBindAddress',
  'staticPodPath', 'staticPodURL', 'fileCheckFrequency', 'podLogsDir', 'runOnce',
  'nodeStatusUpdateFrequency', 'nodeStatusReportFrequency', 'nodeLeaseDurationSeconds', 'nodeStatusMaxImages', 'volumeStatsAggPeriod', 'registerNode', 'registerWithTaints', 'providerID',
  'cgroupRoot', 'cgroupsPerQOS', 'cgroupDriver', 'maxPods', 'podsPerCore', 'podPidsLimit', 'cpuCFSQuota', 'cpuCFSQuotaPeriod', 'singleProcessOOMKill',
  'systemReserved', 'kubeReserved', 'reservedSystemCPUs', 'systemReservedCgroup', 'kubeReservedCgroup', 'enforceNodeAllocatable',
  'cpuManagerPolicy', 'cpuManagerPolicyOptions', 'cpuManagerReconcilePeriod', 'topologyManagerPolicy', 'memoryManagerPolicy', 'qosReserved',
  'clusterDomain', 'clusterDNS', 'resolvConf',
  'shutdownGracePeriod', 'shutdownGracePeriodCriticalPods', 'shutdownGracePeriodByPodPriority',
  'evictionHard', 'evictionSoft', 'evictionSoftGracePeriod', 'evictionMinimumReclaim', 'evictionMaxPodGracePeriod', 'evictionPressureTransitionPeriod',
  'mergeDefaultEvictionSettings', 'localStorageCapacityIsolation',
  'containerLogMaxSize', 'containerLogMaxFiles', 'containerLogMaxWorkers', 'containerLogMonitorInterval',
  'imageMinimumGCAge', 'imageMaximumGCAge', 'imageGCHighThresholdPercent', 'imageGCLowThresholdPercent',
  'serializeImagePulls', 'maxParallelImagePulls', 'imagePullCredentialsVerificationPolicy', 'preloadedImagesVerificationAllowlist', 'seccompDefault', 'allowedUnsafeSysctls', 'crashLoopBackOff', 'syncFrequency',
  'containerRuntimeEndpoint', 'imageServiceEndpoint', 'runtimeRequestTimeout',
];
