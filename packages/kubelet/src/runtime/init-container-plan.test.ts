import type { ContainerStatus as RuntimeContainerStatus } from '@podling/cri';
import type { Container, ContainerStatus, Pod, PodStatus } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { containerOf, exitedOf, podOf, uid } from '../testing/runtime-objects.ts';
import { planInitContainers } from './init-container-plan.ts';
import type { ProbeKind, ProbeResults } from './probe-results.ts';

const image = 'podling.local/toolbox:1';
const probe = { exec: { command: ['true'] } };
const init = (name: string, parts: Partial<Container> = {}): Container => ({ name, image, ...parts });
const sidecar = (name: string, parts: Partial<Container> = {}): Container => init(name, { restartPolicy: 'Always', ...parts });

/** Verdicts as `startup web-0 Failure`. */
function verdicts(...said: string[]): ProbeResults {
  return {
    get(kind: ProbeKind, id: string) {
      const result = said.map((line) => line.split(' ')).find(([of, on]) => of === kind && on === id)?.[2];
      return result === 'Success' || result === 'Failure' ? { result, message: '' } : undefined;
    },
  };
}

interface Case {
  promise: string;
  init: Container[];
  policy?: Pod['spec']['restartPolicy'];
  containers?: (pod: Pod) => RuntimeContainerStatus[];
  reported?: PodStatus;
  probes?: ProbeResults;
  expected: { initialized?: boolean; failed?: boolean; start?: string[]; kill?: string[] };
}

const ranBefore = (name: string): ContainerStatus => ({ name, state: { running: {} }, containerID: `containerd://${name}`, image: '', imageID: '', ready: false, restartCount: 0 });

const cases: Case[] = [
  { promise: 'is done when there are none', init: [], expected: { initialized: true } },
  { promise: 'starts the first', init: [init('i'), sidecar('s')], expected: { start: ['i'] } },
  { promise: 'starts a sidecar first when it is first, and nothing behind it', init: [sidecar('s'), init('i')], expected: { start: ['s'] } },
  { promise: 'hands on from a sidecar that runs', init: [sidecar('s'), init('i')], containers: (p) => [containerOf(p, 's')], expected: { start: ['i'] } },
  { promise: 'waits for the startup probe of a sidecar', init: [sidecar('s', { startupProbe: probe }), init('i')], containers: (p) => [containerOf(p, 's')], expected: {} },
  { promise: 'hands on when the startup probe has succeeded', init: [sidecar('s', { startupProbe: probe }), init('i')], containers: (p) => [containerOf(p, 's')], probes: verdicts('startup s-0 Success'), expected: { start: ['i'] } },
  { promise: 'ends and restarts a sidecar that fails its startup probe', init: [sidecar('s', { startupProbe: probe }), init('i')], containers: (p) => [containerOf(p, 's')], probes: verdicts('startup s-0 Failure'), expected: { start: ['s'], kill: ['Init container s failed startup probe'] } },
  { promise: 'lets the app start once the last one, a sidecar, runs', init: [init('i'), sidecar('s')], containers: (p) => [exitedOf(p, 'i', 0), containerOf(p, 's')], expected: { initialized: true } },
  { promise: 'restarts a sidecar that has ended with 0 under Never while a later one runs', policy: 'Never', init: [sidecar('s'), init('i')], containers: (p) => [exitedOf(p, 's', 0), containerOf(p, 'i')], expected: { start: ['s'] } },
  { promise: 'hands on from an init container although a sidecar before it is down', init: [sidecar('s'), init('i'), init('j')], containers: (p) => [exitedOf(p, 's', 1), exitedOf(p, 'i', 0)], expected: { start: ['s', 'j'] } },
  { promise: 'keeps sidecars running beside the app, also one the runtime has forgotten', init: [sidecar('s'), init('i'), sidecar('t')], containers: (p) => [containerOf(p, 'app'), exitedOf(p, 't', 3)], expected: { initialized: true, start: ['s', 't'] } },
  { promise: 'does not look back at init containers once the app was created', init: [init('i')], containers: (p) => [exitedOf(p, 'app', 1), exitedOf(p, 'i', 1)], expected: { initialized: true } },
  { promise: 'ends and restarts a sidecar that fails its liveness probe', init: [sidecar('s', { livenessProbe: probe })], containers: (p) => [containerOf(p, 'app'), containerOf(p, 's')], probes: verdicts('liveness s-0 Failure'), expected: { initialized: true, start: ['s'], kill: ['Init container s failed liveness probe'] } },
  { promise: 'replaces a sidecar whose image has changed', init: [sidecar('s')], containers: (p) => [containerOf(p, 'app'), containerOf(p, 's', { annotations: { 'io.kubernetes.container.hash': 'other' } })], expected: { initialized: true, start: ['s'], kill: ['Init container s definition changed'] } },
  { promise: 'ends a sidecar in unknown state before it is started again', init: [sidecar('s')], containers: (p) => [containerOf(p, 's', { state: 'CONTAINER_UNKNOWN' })], expected: { start: ['s'], kill: ['Init container is in "unknown" state, try killing it before restart'] } },
  { promise: 'runs a failed one again under Never if its own policy says so', policy: 'Never', init: [init('i', { restartPolicy: 'OnFailure' })], containers: (p) => [exitedOf(p, 'i', 1)], expected: { start: ['i'] } },
  { promise: 'fails with one whose own policy is Never under Always', policy: 'Always', init: [sidecar('s'), init('i', { restartPolicy: 'Never' })], containers: (p) => [containerOf(p, 's'), exitedOf(p, 'i', 1)], expected: { failed: true } },
  { promise: 'restarts by exit code', policy: 'Never', init: [init('i', { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }] })], containers: (p) => [exitedOf(p, 'i', 42)], expected: { start: ['i'] } },
  { promise: 'does not run one again under Never that was lost while it ran', policy: 'Never', init: [init('i')], reported: { initContainerStatuses: [ranBefore('i')] }, expected: { failed: true } },
  { promise: 'fails under Never with one in unknown state: it may have run', policy: 'Never', init: [init('i')], containers: (p) => [containerOf(p, 'i', { state: 'CONTAINER_UNKNOWN' })], expected: { failed: true } },
];

describe('planInitContainers', () => {
  it.each(cases)('$promise', ({ init: initContainers, policy = 'Always', containers = () => [], reported = {}, probes = verdicts(), expected }) => {
    const pod = podOf([{ name: 'app' }], { restartPolicy: policy, initContainers });
    const plan = planInitContainers(pod, { uid, sandboxes: [], containers: containers(pod) }, reported, probes);
    const seen = { initialized: plan.initialized, failed: plan.failed, start: plan.start.map(({ name }) => name), kill: plan.kill.map(({ message }) => message) };
    expect(seen).toEqual({ initialized: false, failed: false, start: [], kill: [], ...expected });
  });
});
