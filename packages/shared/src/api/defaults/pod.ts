import type { Container } from '../container.ts';
import type { Pod, PodSpec } from '../pod.ts';
import { defaultContainer, defaultHostPorts, defaultRequests, roundResourceList } from './container.ts';
import { change, fill } from './fill.ts';
import { defaultVolume } from './volume.ts';

/** Kubernetes' defaults for a pod. Priority, service account and tolerations belong to admission. */
export function defaultPod(pod: Pod): Pod {
  return { ...pod, spec: defaultPodSpec(pod.spec) };
}

function defaultPodSpec(spec: PodSpec): PodSpec {
  const filled = fill(mirrorServiceAccount(spec), {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
  });
  return defaultNested(filled);
}

function defaultNested(spec: PodSpec): PodSpec {
  const container = (given: Container) => {
    const withRequests = defaultRequests(defaultContainer(given));
    return spec.hostNetwork ? defaultHostPorts(withRequests) : withRequests;
  };
  let result = change(spec, 'containers', (containers) => containers.map(container));
  result = change(result, 'initContainers', (containers) => containers.map(container));
  result = change(result, 'ephemeralContainers', (containers) => containers.map(defaultContainer));
  result = change(result, 'volumes', (volumes) => volumes.map(defaultVolume));
  return change(result, 'overhead', roundResourceList);
}

/** `serviceAccount` is the old name of `serviceAccountName`; both are always served. */
function mirrorServiceAccount(spec: PodSpec): PodSpec {
  const name = spec.serviceAccountName || spec.serviceAccount;
  return name ? { ...spec, serviceAccountName: name, serviceAccount: name } : spec;
}
