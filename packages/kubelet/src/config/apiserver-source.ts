import { uidOf, type Pod } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import { createInformer } from '@podling/shared/informer';
import type { Clock, Logger } from '@podling/shared/util';

export interface PodHandler {
  /** The pod is there or has changed. */
  onPod(pod: Pod): void;
  /** The pod's key is gone. */
  onGone(pod: Pod): void;
}

export interface ApiserverSourceOptions {
  client: Client;
  nodeName: string;
  handler: PodHandler;
  clock: Clock;
  logger: Logger;
}

/**
 * This node's pods, by list and WebSocket watch with a field selector; missed changes come with the resumed watch.
 * A pod whose spec names another node is never handed on. A name that was reused between two looks arrives as the old
 * UID's end and the new one's start. Upstream twin: kubelet `config.NewSourceApiserver`.
 */
export function createApiserverSource({ client, nodeName, handler, clock, logger }: ApiserverSourceOptions) {
  const informer = createInformer<Pod>({
    client: client.pods(),
    listOptions: { fieldSelector: `spec.nodeName=${nodeName}` },
    name: 'pods',
    clock,
    logger,
  });
  const mine = (pod: Pod): boolean => pod.spec.nodeName === nodeName;
  informer.addEventHandler({
    onAdd: (pod) => void (mine(pod) && handler.onPod(pod)),
    onUpdate: (old, pod) => {
      if (uidOf(old) !== uidOf(pod) && mine(old)) handler.onGone(old);
      if (mine(pod)) handler.onPod(pod);
    },
    onDelete: (pod) => void (mine(pod) && handler.onGone(pod)),
  });
  return informer;
}
