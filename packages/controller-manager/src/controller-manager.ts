import type { Client } from '@podling/shared/client';
import { createController } from '@podling/shared/controller';
import type { Controller } from '@podling/shared/controller';
import { createEventRecorder } from '@podling/shared/events';
import type { EventRecorder } from '@podling/shared/events';
import { createInformerFactory } from '@podling/shared/informer';
import type { InformerFactory } from '@podling/shared/informer';
import { createLogger, systemClock } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import { createRateLimitingQueue } from '@podling/shared/workqueue';
import { keyOf } from '@podling/shared/api';
import { createDisruptionController, createStaleDisruptionController } from './disruption/disruption-controller.ts';
import { createEndpointSliceController } from './endpointslice/endpointslice-controller.ts';
import { createNamespaceController } from './namespace/namespace-controller.ts';
import { NodeHealth } from './node-lifecycle/node-health.ts';
import { NodeLifecycleReconciler, nodeLeaseNamespace } from './node-lifecycle/node-lifecycle-reconciler.ts';
import { PodGCReconciler } from './pod-gc/pod-gc-reconciler.ts';
import { createRootCaPublisher } from './root-ca-publisher/root-ca-publisher-controller.ts';
import { createServiceAccountsController } from './serviceaccount/service-accounts-controller.ts';

export interface ControllerManagerOptions {
  client: Client;
  clock?: Clock;
  logger?: Logger;
  /** How long a node may be silent before it counts as unreachable. Default 50 s. */
  nodeMonitorGracePeriodMs?: number;
  /** The longest pause before a failed look at a node is repeated. Default 5 s. */
  nodeMonitorPeriodMs?: number;
  /** How long a node must be missing before its pods are removed. Default 40 s. */
  podGCQuarantineMs?: number;
  /** How long a namespace is Terminating before its content goes, so that every apiserver knows. Default 5 s. */
  namespaceGraceMs?: number;
  /** PEM: the CA that is published in every namespace. Without it none is. */
  rootCa?: string;
}

export interface ControllerManager {
  /** Resolves once the cluster's state is known and the controllers run. */
  readonly started: Promise<void>;
  /** Ends the controllers. Does not close the client. */
  stop(): Promise<void>;
}

interface Parts {
  client: Client;
  informers: InformerFactory;
  recorder: EventRecorder;
  health: NodeHealth;
  clock: Clock;
  logger: Logger;
}

/**
 * Starts all controllers on shared informers and goes on until `stop`, whatever happens to the apiserver. The
 * composition root of the process.
 */
export function startControllerManager(options: ControllerManagerOptions): ControllerManager {
  const { client, clock = systemClock, logger = createLogger('controller-manager') } = options;
  const health = new NodeHealth();
  const informers = createInformerFactory({ client, clock, logger, onDisruption: () => health.disrupted(clock.monotonic()) });
  const recorder = createEventRecorder({ client, component: 'node-controller', clock, logger });
  const disruptionRecorder = createEventRecorder({ client, component: 'controllermanager', clock, logger });
  const parts: Parts = { client, informers, recorder, health, clock, logger };
  const controllers = [
    nodeLifecycleController(parts, options),
    podGCController(parts, options),
    createNamespaceController({ ...parts, graceMs: options.namespaceGraceMs }),
    createServiceAccountsController(parts),
    createEndpointSliceController(parts),
    createDisruptionController({ ...parts, recorder: disruptionRecorder }),
    createStaleDisruptionController(parts),
    ...(options.rootCa === undefined ? [] : [createRootCaPublisher({ ...parts, rootCa: options.rootCa })]),
  ];
  const ending = new AbortController();
  informers.start();
  const started = informers.waitForSync(ending.signal).then(() => {
    controllers.forEach((controller) => controller.start());
    logger.info('controllers started');
  });
  return {
    started,
    async stop() {
      ending.abort(new Error('the controller manager stops'));
      await started.catch(() => undefined);
      await Promise.all(controllers.map((controller) => controller.stop()));
      await informers.stop();
      await Promise.all([recorder.stop(), disruptionRecorder.stop()]);
    },
  };
}

function nodeLifecycleController({ client, informers, recorder, health, clock, logger }: Parts, options: ControllerManagerOptions): Controller {
  const { nodeMonitorGracePeriodMs: gracePeriodMs = 50_000, nodeMonitorPeriodMs = 5_000 } = options;
  const nodes = informers.nodes();
  const leases = informers.leases(nodeLeaseNamespace);
  const reconciler = new NodeLifecycleReconciler({
    client, nodes: nodes.lister, leases: leases.lister, health, recorder, clock, logger, gracePeriodMs,
  });
  const queue = createRateLimitingQueue({ clock, initialMs: 50, maxMs: nodeMonitorPeriodMs });
  const controller = createController({ reconciler, queue, workers: 4, clock, logger });
  const enqueue = ({ metadata: { name } }: { metadata: { name: string } }): void => controller.enqueue(name);
  nodes.addEventHandler({ onAdd: enqueue, onUpdate: (_old, node) => enqueue(node), onDelete: enqueue });
  leases.addEventHandler({ onAdd: enqueue, onUpdate: (_old, lease) => enqueue(lease), onDelete: enqueue });
  return controller;
}

function podGCController({ client, informers, clock, logger }: Parts, options: ControllerManagerOptions): Controller {
  const pods = informers.pods();
  const nodes = informers.nodes();
  pods.addIndex('spec.nodeName', ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
  const reconciler = new PodGCReconciler({
    client, pods: pods.lister, nodes: nodes.lister, clock, logger, quarantineMs: options.podGCQuarantineMs ?? 40_000,
  });
  const controller = createController({ reconciler, workers: 4, clock, logger });
  pods.addEventHandler({
    onAdd: (pod) => controller.enqueue(keyOf(pod)),
    onUpdate: (_old, pod) => controller.enqueue(keyOf(pod)),
    onDelete({ spec: { nodeName } }) {
      if (nodeName && pods.lister.byIndex('spec.nodeName', nodeName).length === 0) reconciler.endQuarantine(nodeName);
    },
  });
  nodes.addEventHandler({
    onAdd: ({ metadata: { name } }) => reconciler.endQuarantine(name),
    onDelete({ metadata: { name } }) {
      for (const pod of pods.lister.byIndex('spec.nodeName', name)) controller.enqueue(keyOf(pod));
    },
  });
  return controller;
}
