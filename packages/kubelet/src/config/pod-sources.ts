import { keyOf, type Node, type Pod } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import type { EventRecorder } from '@podling/shared/events';
import type { Clock, Logger } from '@podling/shared/util';
import type { KubeletConfig } from '../config.ts';
import { createMirrorPods } from '../pod/mirror-pods.ts';
import { nodeReference } from '../node/node-reference.ts';
import type { PodManager } from '../pod/pod-manager.ts';
import { StaticPods } from '../pod/static-pods.ts';
import { createApiserverSource } from './apiserver-source.ts';
import { FileSource } from './file-source.ts';
import { createPodConfig } from './pod-config.ts';

export interface PodSourcesOptions {
  config: Pick<KubeletConfig, 'nodeName' | 'staticPodPath' | 'fileCheckFrequencyMs'>;
  client: Client;
  pods: PodManager;
  workers: { update(pod: Pod): void; remove(uid: string, gracePeriodSeconds?: number): void };
  /** The apiserver shows a pod, or the mirror of the pod `uid`. */
  observe: (pod: Pod, uid: string) => void;
  node: { node(): Node | undefined; registered(): Promise<Node> };
  recorder: Pick<EventRecorder, 'event'>;
  clock: Clock;
  logger: Logger;
}

export interface PodSources {
  start(): void;
  /** Resolves when every source has said all it knows: from then on a pod that none of them names is an orphan. */
  ready(signal: AbortSignal): Promise<void>;
  /** Nothing is left of a pod. */
  forgetPod(uid: string): void;
  stop(): Promise<void>;
}

/**
 * Where pods come from: the apiserver, asked once the Node is known, by which pods are admitted; and a path of files if one
 * is configured. Upstream twin: kubelet `config.PodConfig`.
 */
export function createPodSources(options: PodSourcesOptions): PodSources {
  const { config, client, pods, workers, observe, node, clock, logger } = options;
  const { nodeName } = config;
  const statics = new StaticPods({ pods, workers, onChange: (key) => mirrors.enqueue(key) });
  const mirrors = createMirrorPods({ client, pods, clock, logger, node: () => node.node(), isEnding: (key) => statics.isEnding(key) });
  const files = createFileSource(options, statics);
  const handler = createPodConfig({ pods, workers, observe, onMirror: (key) => mirrors.enqueue(key) });
  const apiserver = createApiserverSource({ client, nodeName, clock, logger, handler });
  const ending = new AbortController();
  const enqueueAll = (): void => [...pods.mirrors(), ...(files ? pods.list() : [])].forEach((pod) => mirrors.enqueue(keyOf(pod)));
  return {
    start() {
      files?.start();
      node.registered().then(() => ending.signal.aborted || apiserver.start(), () => undefined);
    },
    async ready(signal) {
      await Promise.all([files?.waitForSync(signal), apiserver.waitForSync(signal)]);
      mirrors.start();
      node.registered().then(enqueueAll, () => undefined);
    },
    forgetPod: (uid) => statics.forgetPod(uid),
    async stop() {
      ending.abort();
      await Promise.all([files?.stop(), apiserver.stop(), mirrors.stop()]);
    },
  };
}

function createFileSource({ config, recorder, clock, logger }: PodSourcesOptions, statics: StaticPods): FileSource | undefined {
  const { nodeName, staticPodPath, fileCheckFrequencyMs } = config;
  if (staticPodPath === undefined) return undefined;
  return new FileSource({
    path: staticPodPath, nodeName, checkPeriodMs: fileCheckFrequencyMs, clock, logger,
    onPods: (pods) => statics.set(pods),
    onProblem: (path, problem) => {
      logger.error({ path, problem }, 'a static pod file is passed over');
      recorder.event(nodeReference(nodeName), 'Warning', 'FailedValidation', `static pod file ${path} is passed over: ${problem}`);
    },
  });
}
