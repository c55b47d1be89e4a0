import type { Container, KubeObject, Pod } from '@podling/shared/api';
import type { EventRecorder, EventType } from '@podling/shared/events';

/** Events about pods and their containers. */
export interface PodEvents {
  pod(pod: Pod, type: EventType, reason: string, message: string, annotations?: Readonly<Record<string, string>>): void;
  container(pod: Pod, container: Pick<Container, 'name'>, type: EventType, reason: string, message: string): void;
}

/** Objects from a list carry no kind; events need one. */
export function createPodEvents(recorder: Pick<EventRecorder, 'event'>): PodEvents {
  const named = (pod: Pod): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata });
  return {
    pod: (pod, type, reason, message, annotations = {}) => recorder.event(named(pod), type, reason, message, Object.keys(annotations).length === 0 ? {} : { annotations }),
    container: (pod, { name }, type, reason, message) =>
      recorder.event(named(pod), type, reason, message, { fieldPath: fieldPathOf(pod, name) }),
  };
}

function fieldPathOf(pod: Pod, name: string): string {
  const list = (['initContainers', 'ephemeralContainers'] as const).find((each) => pod.spec[each]?.some((container) => container.name === name));
  return `spec.${list ?? 'containers'}{${name}}`;
}
