import { newBadRequest } from '@podling/shared/api';
import type { KubeObject, ListMeta } from '@podling/shared/api';
import type { KindInfo } from '@podling/shared/scheme';
import { configMapPrinter } from './config-map-printer.ts';
import { defaultPrinter } from './default-printer.ts';
import { endpointSlicePrinter } from './endpoint-slice-printer.ts';
import { eventPrinter, eventsEventPrinter } from './event-printer.ts';
import { leasePrinter } from './lease-printer.ts';
import { nodeMetricsPrinter, podMetricsPrinter } from './metrics-printers.ts';
import { namespacePrinter } from './namespace-printer.ts';
import { nodePrinter } from './node-printer.ts';
import { partialOf } from './partial-object.ts';
import { podDisruptionBudgetPrinter } from './pod-disruption-budget-printer.ts';
import { podPrinter } from './pod-printer.ts';
import { podTemplatePrinter } from './pod-template-printer.ts';
import type { Column, Printer, RowCondition } from './printer.ts';
import { priorityClassPrinter } from './priority-class-printer.ts';
import { runtimeClassPrinter } from './runtime-class-printer.ts';
import { secretPrinter } from './secret-printer.ts';
import { servicePrinter } from './service-printer.ts';
import { serviceAccountPrinter } from './service-account-printer.ts';

export interface TableOptions {
  metadata: ListMeta;
  query: URLSearchParams;
  nowMs: number;
  /** Left out in the later events of a watch. */
  withoutColumns?: boolean;
}

interface Table {
  kind: 'Table';
  apiVersion: 'meta.k8s.io/v1';
  metadata: ListMeta;
  columnDefinitions: Column[];
  rows: Row[];
}

interface Row {
  cells: unknown[];
  conditions?: RowCondition[];
  object?: KubeObject;
}

const printers: Record<string, Printer> = {
  pods: podPrinter,
  nodes: nodePrinter,
  namespaces: namespacePrinter,
  events: eventPrinter,
  configmaps: configMapPrinter,
  secrets: secretPrinter,
  serviceaccounts: serviceAccountPrinter,
  services: servicePrinter,
  podtemplates: podTemplatePrinter,
  'priorityclasses.scheduling.k8s.io': priorityClassPrinter,
  'runtimeclasses.node.k8s.io': runtimeClassPrinter,
  'events.events.k8s.io': eventsEventPrinter,
  'leases.coordination.k8s.io': leasePrinter,
  'endpointslices.discovery.k8s.io': endpointSlicePrinter,
  'nodes.metrics.k8s.io': nodeMetricsPrinter,
  'pods.metrics.k8s.io': podMetricsPrinter,
  'poddisruptionbudgets.policy': podDisruptionBudgetPrinter,
};

function embedded(object: KubeObject, include: string): { object?: KubeObject } {
  if (include === 'None') return {};
  return { object: include === 'Object' ? object : partialOf(object) };
}

function rowOf(printer: Printer, object: KubeObject, { nowMs, include }: { nowMs: number; include: string }): Row {
  const conditions = printer.conditions?.(object) ?? [];
  return { cells: printer.cells(object, nowMs), ...(conditions.length > 0 ? { conditions } : {}), ...embedded(object, include) };
}

const included = new Set(['Metadata', 'Object', 'None']);

/** `meta.k8s.io/v1` Table: what kubectl prints as it is. `includeObject` is Metadata unless asked otherwise. */
export function tableOf({ group, resource }: KindInfo, objects: readonly KubeObject[], options: TableOptions): Table {
  const printer = printers[group === '' ? resource : `${resource}.${group}`] ?? defaultPrinter;
  const include = options.query.get('includeObject') || 'Metadata';
  if (!included.has(include)) {
    throw newBadRequest(`Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`);
  }
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: options.metadata,
    columnDefinitions: options.withoutColumns ? [] : printer.columns,
    rows: objects.map((object) => rowOf(printer, object, { nowMs: options.nowMs, include })),
  };
}
