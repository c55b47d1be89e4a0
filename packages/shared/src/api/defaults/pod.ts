import type { Container } from '../container.ts';
import type { Pod, PodSpec } from '../pod.ts';
import { defaultContainer, defaultHostPorts, defaultRequests, roundResourceList, roundResources } from './container.ts';
import { change, fill } from './fill.ts';
import { defaultPodResources } from './pod-resources.ts';
import { defaultPodIps } from './pod-status.ts';
import { defaultVolume } from './volume.ts';

/** Kubernetes' defaults for a pod. Priority, service account and tolerations belong to admission. */
export function defaultPod(pod: Pod): Pod {
  const spec = fill(defaultPodSpec(pod.spec), { enableServiceLinks: true });
  const container = (given: Container) => {
    const withRequests = defaultRequests(given);
    return spec.hostNetwork ? defaultHostPorts(withRequests) : withRequests;
  };
  const result = change(spec, 'containers', (containers) => containers.map(container));
  const withContainers = change(result, 'initContainers', (containers) => containers.map(container));
  return change({ ...pod, spec: defaultPodResources(withContainers) }, 'status', defaultPodIps);
}

/** What pods and the templates of pods have in common. A negative grace period has always meant one second. */
export function defaultPodSpec(spec: PodSpec): PodSpec {
  const filled = fill(mirrorServiceAccount(spec), {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
  const isNegative = (filled.terminationGracePeriodSeconds ?? 0) < 0;
  return defaultNested(isNegative ? { ...filled, terminationGracePeriodSeconds: 1 } : filled);
}

function defaultNested(spec: PodSpec): PodSpec {
  let result = change(spec, 'containers', (containers) => containers.map(defaultContainer));
  result = change(result, 'initContainers', (containers) => containers.map(defaultContainer));
  result = change(result, 'ephemeralContainers', (containers) => containers.map(defaultContainer));
  result = change(result, 'volumes', (volumes) => volumes.map(defaultVolume));
  return change(change(result, 'resources', roundResources), 'overhead', roundResourceList);
}

/** `serviceAccount` is the old name of `serviceAccountName`; both are always served. */
function mirrorServiceAccount(spec: PodSpec): PodSpec {
  const name = spec.serviceAccountName || spec.serviceAccount;
  return name ? { ...spec, serviceAccountName: name, serviceAccount: name } : spec;
}
