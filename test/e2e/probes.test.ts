import { containerOf, isRunning, podUntil } from '@podling/deploy/observe';
import type { Pod } from '@podling/shared/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, eventsOf, openNamespace, soon, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld('probes');
const readyOf = (pod: Pod) => pod.status?.conditions?.find(({ type }) => type === 'Ready');
const isReady = (pod: Pod): boolean => readyOf(pod)?.status === 'True';
const restarted = (name: string): Promise<Pod> => podUntil(world, name, 'restarted', (pod) => (pod.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0);

const quick = { periodSeconds: 1, failureThreshold: 1 };
const patient = { periodSeconds: 1, failureThreshold: 60 };

/** Answers each connection with the output of `program`, which reads the request. */
const serve = (port: number, program: string): string => `cat > /tmp/answer <<'X'\n#!/bin/sh\n${program}\nX\nchmod +x /tmp/answer; exec nc -ll -p ${port} -e /tmp/answer`;

/** The frames of a whole answer of grpc.health.v1: settings, and once the request comes headers, SERVING and trailers. */
const healthy = serve(9000, `
  printf '\\0\\0\\0\\4\\0\\0\\0\\0\\0\\0\\0\\0\\4\\1\\0\\0\\0\\0'
  head -c 120 > /dev/null
  printf '\\0\\0\\23\\1\\4\\0\\0\\0\\1\\210\\137\\20application/grpc\\0\\0\\7\\0\\0\\0\\0\\0\\1\\0\\0\\0\\0\\2\\10\\1\\0\\0\\17\\1\\5\\0\\0\\0\\1\\0\\13grpc-status\\0010'
  cat > /dev/null`);

const pods = [
  toolboxPod('http', 'mkdir /www; touch /www/ok; httpd -p 8080 -h /www; sleep 3; rm /www/ok; sleep 1000', {
    container: { ports: [{ name: 'web', containerPort: 8080 }], startupProbe: { httpGet: { path: '/ok', port: 'web' }, ...patient }, livenessProbe: { httpGet: { path: '/ok', port: 'web' }, ...quick } },
  }),
  toolboxPod('exec', 'while true; do sleep 6; touch /tmp/ready; sleep 6; rm /tmp/ready; done', {
    container: { readinessProbe: { exec: { command: ['sh', '-c', 'cat /tmp/ready'] }, ...quick } },
  }),
  toolboxPod('tcp', 'sleep 3; exec nc -ll -p 9090 -e true', {
    container: { startupProbe: { tcpSocket: { port: 9090 }, ...patient }, readinessProbe: { tcpSocket: { port: 9090 }, periodSeconds: 60 } },
  }),
  toolboxPod('grpc', healthy, { container: { readinessProbe: { grpc: { port: 9000 }, periodSeconds: 1, timeoutSeconds: 5 } } }),
  toolboxPod('never-starts', 'sleep 1000', { container: { startupProbe: { tcpSocket: { port: 1 }, periodSeconds: 1, failureThreshold: 2 } } }),
  toolboxPod('hangs', 'sleep 1000', { container: { livenessProbe: { exec: { command: ['sleep', '1000'] }, ...quick, timeoutSeconds: 1 } } }),
  toolboxPod('elsewhere', serve(8080, "head -n 1 > /dev/null; printf 'HTTP/1.1 302 Found\\r\\nLocation: http://elsewhere.example/\\r\\nContent-Length: 5\\r\\n\\r\\nmoved'"), {
    container: { readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 } },
  }),
  toolboxPod('no-such-command', 'sleep 1000', { container: { livenessProbe: { exec: { command: ['/no/such'] }, ...quick } } }),
];

beforeAll(async () => {
  await openNamespace(world);
  await Promise.all(pods.map((pod) => applyPod(world, pod)));
});
afterAll(() => closeNamespace(world));

describe('probes of real containers', () => {
  it('by http restart what does not answer well', async () => {
    await restarted('http');
    await expect.poll(() => eventsOf(world, 'http', 'Unhealthy'), soon).toContain('Liveness probe failed: HTTP probe failed with statuscode: 404');
    await expect.poll(() => eventsOf(world, 'http', 'Killing'), soon).toContain('Container main failed liveness probe, will be restarted');
  });

  it('by exec make a pod ready and unready', async () => {
    await podUntil(world, 'exec', 'Ready', isReady);
    const pod = await podUntil(world, 'exec', 'not Ready', (candidate) => isRunning(candidate) && !isReady(candidate));
    expect([readyOf(pod)?.reason, containerOf(pod).restartCount]).toEqual(['ContainersNotReady', 0]);
    await expect.poll(() => eventsOf(world, 'exec', 'Unhealthy'), soon).toContain("Readiness probe failed: cat: can't open '/tmp/ready': No such file or directory\n");
  });

  it('by tcp wait for a start, and look at readiness as soon as that is there', async () => {
    expect(containerOf(await podUntil(world, 'tcp', 'Ready', isReady))).toMatchObject({ started: true, ready: true, restartCount: 0 });
    await expect.poll(async () => (await eventsOf(world, 'tcp', 'Unhealthy'))[0], soon).toMatch(/^Startup probe failed: dial tcp [\d.]+:9090: connect: connection refused$/);
  });

  it('by gRPC ask for health', async () => {
    expect(containerOf(await podUntil(world, 'grpc', 'Ready', isReady)).restartCount).toBe(0);
  });

  it('end a container that does not start, or whose command does not end', async () => {
    await Promise.all([restarted('never-starts'), restarted('hangs')]);
    await expect.poll(() => eventsOf(world, 'never-starts', 'Killing'), soon).toContain('Container main failed startup probe, will be restarted');
    await expect.poll(() => eventsOf(world, 'hangs', 'Unhealthy'), soon).toContain('Liveness probe failed: command timed out: "sleep 1000" timed out after 1s');
  });

  it('warn of a redirect to another host and follow none', async () => {
    await podUntil(world, 'elsewhere', 'Ready', isReady);
    await expect.poll(() => eventsOf(world, 'elsewhere', 'ProbeWarning'), soon).toEqual(['Readiness probe warning: Probe terminated redirects, Response body: moved']);
  });

  it('that cannot be made decide nothing', async () => {
    await expect.poll(() => eventsOf(world, 'no-such-command', 'Unhealthy'), soon).toEqual([expect.stringMatching(/^Liveness probe errored and resulted in unknown state: .*\/no\/such/)]);
    expect(containerOf(await world.client.pods(world.namespace).get('no-such-command'))).toMatchObject({ ready: true, restartCount: 0 });
  });
});
