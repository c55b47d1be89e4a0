import type { LogLimits } from '@podling/cri';
import { quantityToBytes } from '@podling/shared/api';
import type { DefaultedKubeletConfiguration } from '@podling/shared/scheme';
import { parseDurationMs } from '@podling/shared/util';
import type { EvictionConfig } from '../eviction/eviction-manager.ts';
import { parseThresholds, type Fault } from '../eviction/thresholds.ts';
import type { ImageGcPolicy } from '../images/image-gc-manager.ts';

/** What of the configuration keeps the node from running full. */
export interface NodePressureConfig {
  eviction: EvictionConfig;
  imageGc: ImageGcPolicy;
  containerLogs: LogLimits & { maxWorkers: number; monitorPeriodMs: number };
}

export function nodePressure(configuration: DefaultedKubeletConfiguration): NodePressureConfig {
  const { evictionMaxPodGracePeriod = 0, evictionPressureTransitionPeriod, localStorageCapacityIsolation } = configuration;
  const { imageGCHighThresholdPercent, imageGCLowThresholdPercent, imageMinimumGCAge, imageMaximumGCAge } = configuration;
  const { containerLogMaxSize, containerLogMaxFiles, containerLogMaxWorkers, containerLogMonitorInterval } = configuration;
  const logBytes = Number(quantityToBytes(containerLogMaxSize));
  return {
    eviction: {
      thresholds: parseThresholds(configuration).thresholds,
      maxPodGracePeriodSeconds: evictionMaxPodGracePeriod,
      pressureTransitionPeriodMs: parseDurationMs(evictionPressureTransitionPeriod),
      localStorageCapacityIsolation,
    },
    imageGc: {
      highThresholdPercent: imageGCHighThresholdPercent, lowThresholdPercent: imageGCLowThresholdPercent,
      minAgeMs: parseDurationMs(imageMinimumGCAge), maxAgeMs: parseDurationMs(imageMaximumGCAge),
    },
    containerLogs: {
      maxBytes: logBytes < 0 ? Number.POSITIVE_INFINITY : logBytes, maxFiles: containerLogMaxFiles,
      maxWorkers: containerLogMaxWorkers, monitorPeriodMs: parseDurationMs(containerLogMonitorInterval),
    },
  };
}

/** What cannot be read of the thresholds. */
export function validateNodePressure(configuration: DefaultedKubeletConfiguration): Fault[] {
  return parseThresholds(configuration).errors;
}
