import { configSourceAnnotation, isMirrorPod, isStaticPod, keyOf, uidOf, type Pod } from '@podling/shared/api';
import type { PodManager } from '../pod/pod-manager.ts';
import type { PodHandler } from './apiserver-source.ts';

export interface PodConfigOptions {
  pods: PodManager;
  workers: { update(pod: Pod): void; remove(uid: string): void };
  /** Told of each pod that the apiserver shows; `uid` is of the pod that runs, also for a mirror. */
  observe: (pod: Pod, uid: string) => void;
  /** A mirror has come, changed or gone. */
  onMirror: (key: string) => void;
}

/**
 * What the apiserver says of this node's pods, sorted: pods go to the workers, mirrors only tell what is known about a
 * static pod. Nobody makes a pod static by saying so at the apiserver. Upstream twin: kubelet `HandlePodAdditions`,
 * `handleMirrorPod`.
 */
export function createPodConfig({ pods, workers, observe, onMirror }: PodConfigOptions): PodHandler {
  return {
    onPod(shown) {
      const pod = isStaticPod(shown) ? withoutSource(shown) : shown;
      pods.set(pod);
      if (!isMirrorPod(pod)) {
        observe(pod, uidOf(pod));
        workers.update(pod);
        return;
      }
      const running = pods.getByKey(keyOf(pod));
      if (running && isStaticPod(running)) observe(pod, uidOf(running));
      onMirror(keyOf(pod));
    },
    onGone(pod) {
      pods.remove(pod);
      if (isMirrorPod(pod)) onMirror(keyOf(pod));
      workers.remove(uidOf(pod));
    },
  };
}

function withoutSource(pod: Pod): Pod {
  const { [configSourceAnnotation]: _, ...annotations } = pod.metadata.annotations ?? {};
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}
