import { describe, expect, it } from 'vitest';
import type { Container } from '../container.ts';
import type { PodSpec } from '../pod.ts';
import { defaultPullPolicy } from './image.ts';
import { defaultPod } from './pod.ts';

const spec = (given: PodSpec): PodSpec => defaultPod({ metadata: { name: 'web' }, spec: given }).spec;
const container = (given: Partial<Container>, rest: Partial<PodSpec> = {}): Container => {
  const [first] = spec({ ...rest, containers: [{ name: 'c', image: 'web:1', ...given }] }).containers;
  if (!first) throw new Error('the container is gone');
  return first;
};

describe('pod defaults', () => {
  it('fill in what Kubernetes fills in', () => {
    expect(spec({ containers: [] })).toEqual({
      containers: [],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      securityContext: {},
      schedulerName: 'default-scheduler',
      enableServiceLinks: true,
    });
    expect(container({})).toEqual({
      name: 'c', image: 'web:1', resources: {}, terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File',
      imagePullPolicy: 'IfNotPresent',
    });
  });

  it('leave what is given, a grace period of 0 too', () => {
    const given: PodSpec = {
      containers: [], restartPolicy: 'Never', terminationGracePeriodSeconds: 0, dnsPolicy: 'Default', securityContext: { runAsUser: 0 },
      schedulerName: 'mine', enableServiceLinks: false,
    };
    expect(spec(given)).toEqual(given);
  });

  it('are idempotent and leave their argument alone', () => {
    const given: PodSpec = {
      hostNetwork: true,
      containers: [{ name: 'c', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } }, readinessProbe: { httpGet: { port: 80 } } }],
      volumes: [{ name: 'v' }],
    };
    const before = JSON.stringify(given);
    const once = spec(given);
    expect(spec(once)).toEqual(once);
    expect(JSON.stringify(given)).toBe(before);
  });

  it.each([
    ['web', 'Always'], ['web:latest', 'Always'], ['web:1', 'IfNotPresent'], ['host:5000/web', 'Always'], ['host:5000/web:1', 'IfNotPresent'],
    ['host:5000/a/web:latest', 'Always'], ['web@sha256:abc', 'IfNotPresent'], ['web:latest@sha256:abc', 'IfNotPresent'], ['', 'IfNotPresent'],
  ])('pull %s %s', (image, policy) => {
    expect(defaultPullPolicy(image)).toBe(policy);
  });

  it('take requests from limits, one by one', () => {
    const resources = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } };
    expect(container({ resources }).resources?.requests).toEqual({ cpu: '500m', memory: '1Gi' });
    expect(container({ resources: { requests: { cpu: '1' } } }).resources).toEqual({ requests: { cpu: '1' } });
  });

  it('round amounts up to thousandths', () => {
    expect(container({ resources: { limits: { cpu: '100u' } } }).resources?.limits).toEqual({ cpu: '1m' });
  });

  it('set protocol and, with hostNetwork, the host port', () => {
    expect(container({ ports: [{ containerPort: 80 }] }).ports).toEqual([{ containerPort: 80, protocol: 'TCP' }]);
    expect(container({ ports: [{ containerPort: 80, protocol: 'UDP' }] }, { hostNetwork: true }).ports).toEqual([{ containerPort: 80, hostPort: 80, protocol: 'UDP' }]);
  });

  it('time probes', () => {
    expect(container({ livenessProbe: { httpGet: { port: 80 }, periodSeconds: 3, timeoutSeconds: 0 } }).livenessProbe).toEqual({
      httpGet: { port: 80, path: '/', scheme: 'HTTP' }, timeoutSeconds: 1, periodSeconds: 3, successThreshold: 1, failureThreshold: 3,
    });
    expect(container({ livenessProbe: { grpc: { port: 80 } } }).livenessProbe?.grpc).toEqual({ port: 80, service: '' });
    expect(container({ lifecycle: { preStop: { httpGet: { port: 80 } } } }).lifecycle?.preStop?.httpGet).toEqual({ port: 80, path: '/', scheme: 'HTTP' });
  });

  it('name the version of a field reference', () => {
    const env = [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }];
    expect(container({ env }).env?.[0]?.valueFrom?.fieldRef).toEqual({ fieldPath: 'status.podIP', apiVersion: 'v1' });
  });

  it.each<[object, object]>([
    [{}, { emptyDir: {} }],
    [{ hostPath: { path: '/a' } }, { hostPath: { path: '/a', type: '' } }],
    [{ configMap: { name: 'c' } }, { configMap: { name: 'c', defaultMode: 420 } }],
    [{ secret: { secretName: 's', defaultMode: 0 } }, { secret: { secretName: 's', defaultMode: 0 } }],
    [{ downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } }, { downwardAPI: { defaultMode: 420, items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels', apiVersion: 'v1' } }] } }],
    [{ projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }, { projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }] } }],
    [{ image: { reference: 'data:1' } }, { image: { reference: 'data:1', pullPolicy: 'IfNotPresent' } }],
  ])('complete the volume %j', (source, completed) => {
    expect(spec({ containers: [], volumes: [{ name: 'v', ...source }] }).volumes).toEqual([{ name: 'v', ...completed }]);
  });

  it('serve the service account under both of its names', () => {
    expect(spec({ containers: [], serviceAccount: 'me' }).serviceAccountName).toBe('me');
    expect(spec({ containers: [], serviceAccountName: 'me' }).serviceAccount).toBe('me');
  });
});
