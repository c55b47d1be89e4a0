import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { isRunning, nodeOf, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld('kubelet-server');
const base = `/api/v1/namespaces/${world.namespace}/pods`;
const get = (path: string): Promise<string> => world.client.rest.requestText({ method: 'GET', path });
let node: ReturnType<typeof nodeOf>;

beforeAll(async () => {
  await openNamespace(world);
  const script = 'mkdir -p /www; echo page > /www/index.html; exec httpd -f -p 8080 -h /www';
  await applyPod(world, toolboxPod('server', script, { container: { ports: [{ containerPort: 8080 }] } }));
  node = nodeOf(world, await podUntil(world, 'server', 'Running', isRunning));
});
afterAll(() => closeNamespace(world));

describe('pods/NAME/proxy', () => {
  it('leads through the apiserver to what the pod serves', async () => {
    await waitUntil('the page', () => get(`${base}/server:8080/proxy/`).then((page) => page === 'page\n', () => false), { timeoutMs: 20_000 });
    for (const name of ['server', 'http:server:8080']) expect(await get(`${base}/${name}/proxy/index.html?x=1`)).toBe('page\n');
    await expect(get(`${base}/server/proxy/nothing`)).rejects.toThrow();
    await expect(get(`${base}/server:1/proxy/`)).rejects.toThrow('error trying to reach service');
  });
});

/** The kubelet's own door. */
function knock(path: string, token?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const sent = request(`https://${node.ip}:10250${path}`, { headers, agent: false, rejectUnauthorized: false, timeout: 10_000 }, (answer) => {
      text(answer).then(() => resolve(answer.statusCode ?? 0), reject);
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end();
  });
}

describe('the kubelet\'s server', () => {
  it('shows pods, figures, configuration and health to an administrator, through nodes/NAME/proxy', async () => {
    const own = (path: string): Promise<string> => get(`/api/v1/nodes/${node.name}/proxy${path}`);
    expect(JSON.parse(await own('/configz'))).toMatchObject({ kubeletconfig: { kind: 'KubeletConfiguration', port: 10_250 } });
    for (const path of ['/pods', '/runningpods/']) expect((JSON.parse(await own(path)) as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name)).toContain('server');
    const series = `{container="main",namespace="${world.namespace}",pod="server"}`;
    const metrics = await own('/metrics/resource');
    for (const name of ['container_cpu_usage_seconds_total', 'container_memory_working_set_bytes', 'container_start_time_seconds']) expect(metrics).toContain(`${name}${series}`);
    expect(await own('/metrics')).toContain(`kubelet_node_name{node="${node.name}"} 1`);
    for (const path of ['/healthz', '/healthz/ping', '/healthz/syncloop']) expect(await own(path)).toBe('ok');
    await expect(own('/metrics/cadvisor')).rejects.toThrow('404 page not found');
  });

  it('shows nothing to a stranger, and to a pod\'s account nothing that it may not see', async () => {
    const { status } = await world.client.createToken(world.namespace, 'default', { audiences: [] });
    for (const path of ['/pods', '/configz', '/metrics/resource', '/healthz', `/containerLogs/${world.namespace}/server/main`]) {
      expect([await knock(path), await knock(path, 'nonsense'), await knock(path, status?.token)]).toEqual([401, 401, 403]);
    }
  });
});
