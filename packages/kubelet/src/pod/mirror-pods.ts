import { configHashAnnotation, isAlreadyExists, isConflict, isMirrorPod, isNotFound, isStaticPod, mirrorPodAnnotation, namespaceOf, uidOf, type Node, type Pod } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import { createController, type Controller } from '@podling/shared/controller';
import type { Clock, Logger } from '@podling/shared/util';
import type { PodManager } from './pod-manager.ts';

export interface MirrorPodsOptions {
  client: Pick<Client, 'pods'>;
  pods: PodManager;
  /** The Node as last seen; a mirror belongs to it. */
  node: () => Node | undefined;
  /** Whether something of that `namespace/name` still ends; its mirror shows it until then. */
  isEnding: (key: string) => boolean;
  clock: Clock;
  logger: Logger;
}

/** What the apiserver has to hold: one mirror for each static pod, made from it, and no other. */
const agrees = (pod: Pod, mirror: Pod): boolean => mirror.metadata.deletionTimestamp === undefined && mirror.metadata.annotations?.[mirrorPodAnnotation] === hashOf(pod);

const hashOf = ({ metadata }: Pod): string => metadata.annotations?.[configHashAnnotation] ?? '';

/**
 * Keeps a mirror at the apiserver for each static pod: made again when it is deleted or is of an earlier file, deleted when
 * the pod is over and gone. Keys are `namespace/name`; enqueued by whoever sees a change. Nothing here touches the static
 * pod. Upstream twin: kubelet `tryReconcileMirrorPods`.
 */
export function createMirrorPods(options: MirrorPodsOptions): Controller {
  const { clock, logger } = options;
  const reconcile = async (key: string): Promise<object> => {
    await new MirrorPod(options, key).reconcile();
    return {};
  };
  return createController({ reconciler: { name: 'mirror-pods', reconcile }, clock, logger });
}

class MirrorPod {
  readonly #options: MirrorPodsOptions;
  readonly #key: string;

  constructor(options: MirrorPodsOptions, key: string) {
    this.#options = options;
    this.#key = key;
  }

  async reconcile(): Promise<void> {
    const { pods, isEnding } = this.#options;
    const found = pods.getByKey(this.#key);
    const pod = found && isStaticPod(found) ? found : undefined;
    const mirror = pods.mirrorByKey(this.#key);
    if (mirror && pod && !agrees(pod, mirror)) return this.#delete(mirror);
    if (mirror && !pod && !isEnding(this.#key)) return this.#delete(mirror);
    if (pod && !mirror) await this.#create(pod);
  }

  /** The end of the old one comes back as a change of the same key. */
  async #delete(mirror: Pod): Promise<void> {
    const { client } = this.#options;
    try {
      await client.pods(namespaceOf(mirror)).delete(mirror.metadata.name, { gracePeriodSeconds: 0, preconditions: { uid: uidOf(mirror) } });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  async #create(pod: Pod): Promise<void> {
    const { client, node, logger } = this.#options;
    const owner = node();
    if (owner === undefined || owner.metadata.deletionTimestamp !== undefined) return;
    const pods = client.pods(namespaceOf(pod));
    try {
      await pods.create(mirrorOf(pod, owner));
      logger.info({ pod: this.#key }, 'created a mirror pod');
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const present = await pods.get(pod.metadata.name);
      if (!isMirrorPod(present)) throw error;
    }
  }
}

function mirrorOf(pod: Pod, node: Node): Pod {
  const { name, namespace = '', labels, annotations } = pod.metadata;
  const owner = { apiVersion: 'v1', kind: 'Node', name: node.metadata.name, uid: uidOf(node), controller: true };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, ...(labels && { labels }), annotations: { ...annotations, [mirrorPodAnnotation]: hashOf(pod) }, ownerReferences: [owner] },
    spec: pod.spec,
  };
}
