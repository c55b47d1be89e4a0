import { defineKind, type KindInfo } from './kind-info.ts';
import { NodeMetricsSchema, PodMetricsSchema, type NodeMetrics, type PodMetrics } from './resource-metrics.ts';

/** Kinds that are figures: read, computed for who reads, never stored and never sent by a client. */

const figures = { group: 'metrics.k8s.io', version: 'v1beta1', singular: '', shortNames: [], categories: [], validateCreate: () => [] };

export const nodeMetricsKind = defineKind<NodeMetrics>({ ...figures, kind: 'NodeMetrics', resource: 'nodes', namespaced: false, schema: NodeMetricsSchema });

export const podMetricsKind = defineKind<PodMetrics>({ ...figures, kind: 'PodMetrics', resource: 'pods', namespaced: true, schema: PodMetricsSchema });

export const metricsKinds: readonly KindInfo[] = [nodeMetricsKind, podMetricsKind];
