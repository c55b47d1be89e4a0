import type { PodTemplate } from '../pod-template.ts';
import { defaultPodSpec } from './pod.ts';

export function defaultPodTemplate(podTemplate: PodTemplate): PodTemplate {
  const { metadata = {}, spec = { containers: [] } } = podTemplate.template ?? {};
  return { ...podTemplate, template: { metadata, spec: defaultPodSpec(spec) } };
}
