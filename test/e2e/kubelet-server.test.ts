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
  const script = 'head -c 2000000 /dev/zero > /data/file; head -c 1000000 /dev/zero > /own; mkdir -p /www; echo page > /www/index.html; exec httpd -f -p 8080 -h /www';
  await applyPod(world, toolboxPod('server', script, {
    container: {
      ports: [{ containerPort: 8080 }], volumeMounts: [{ name: 'data', mountPath: '/data' }], resources: { limits: { memory: '64Mi' } },
      livenessProbe: { tcpSocket: { port: 8080 }, initialDelaySeconds: 1, periodSeconds: 1 },
    },
    spec: { volumes: [{ name: 'data', emptyDir: {} }] },
  }));
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

interface Figures {
  usedBytes?: number;
  availableBytes?: number;
  capacityBytes?: number;
  workingSetBytes?: number;
}

interface PodStats {
  podRef: { name: string; namespace: string };
  containers: { name: string; rootfs?: Figures }[];
  cpu?: { usageNanoCores?: number; usageCoreNanoSeconds?: number };
  memory?: Figures;
  volume?: (Figures & { name: string })[];
  'ephemeral-storage'?: Figures;
  process_stats?: { process_count: number };
}

interface Summary {
  node: { fs?: Figures; memory?: Figures; runtime?: { imageFs?: Figures; containerFs?: Figures }; rlimit?: { curproc?: number }; systemContainers?: { name: string; memory?: Figures }[] };
  pods: PodStats[];
}

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
  });

  it('[A8] tells in the summary what node and pod use: processor, memory, network, processes and disk', async () => {
    const summary = async (): Promise<Summary> => JSON.parse(await get(`/api/v1/nodes/${node.name}/proxy/stats/summary`)) as Summary;
    const own = (found: Summary): PodStats | undefined => found.pods.find(({ podRef }) => podRef.name === 'server' && podRef.namespace === world.namespace);
    // Disk is measured behind the first question (containerd's CRI sums up its images every 10 s), and a rate needs two.
    await waitUntil('all is measured', async () => {
      const found = await summary();
      const pod = own(found);
      return (found.node.runtime?.imageFs?.usedBytes ?? 0) > 0 && pod?.cpu?.usageNanoCores !== undefined && (pod.volume?.[0]?.usedBytes ?? 0) >= 2_000_000 && (pod.containers[0]?.rootfs?.usedBytes ?? 0) >= 1_000_000;
    }, { timeoutMs: 60_000 });
    const found = await summary();
    const pod = own(found);
    expect(pod).toMatchObject({ containers: [{ name: 'main', memory: { availableBytes: expect.any(Number) as number } }], network: { name: 'eth0' }, volume: expect.arrayContaining([expect.objectContaining({ name: 'data' })]) as object });
    expect([pod?.process_stats?.process_count ?? 0, pod?.cpu?.usageCoreNanoSeconds ?? 0, pod?.memory?.workingSetBytes ?? 0].map((figure) => figure > 0)).toEqual([true, true, true]);
    expect(pod?.['ephemeral-storage']?.usedBytes).toBeGreaterThan(3_000_000);
    const { fs, runtime, rlimit, memory, systemContainers = [] } = found.node;
    expect([fs?.availableBytes, runtime?.imageFs?.usedBytes, runtime?.containerFs?.capacityBytes, rlimit?.curproc, memory?.availableBytes].map((figure) => (figure ?? 0) > 0)).toEqual(Array.from({ length: 5 }, () => true));
    expect(systemContainers.find(({ name }) => name === 'pods')?.memory?.workingSetBytes).toBeGreaterThan(0);
  });

  it('[A8] has the figures that dashboards are made of, from the kernel, and how probes end', async () => {
    const metrics = async (path: string): Promise<string> => get(`/api/v1/nodes/${node.name}/proxy/metrics/${path}`);
    const cadvisor = await metrics('cadvisor');
    const value = (name: string, labels: string): number => Number(new RegExp(`^${name}\\{[^}]*${labels}[^}]*\\} (\\S+)`, 'm').exec(cadvisor)?.[1]);
    const container = `container="main",[^}]*namespace="${world.namespace}",pod="server"`;
    for (const name of ['cpu_usage_seconds_total', 'memory_usage_bytes', 'memory_working_set_bytes', 'memory_rss', 'fs_limit_bytes', 'processes', 'threads', 'start_time_seconds']) {
      expect([name, value(`container_${name}`, container)]).toEqual([name, expect.toSatisfy((figure: number) => figure > 0)]);
    }
    expect(value('container_spec_memory_limit_bytes', container)).toBe(64 * 1024 * 1024);
    expect(value('container_network_receive_bytes_total', `interface="eth0",[^}]*namespace="${world.namespace}",pod="server"`)).toBeGreaterThan(0);
    expect(cadvisor).toContain('\ncontainer_scrape_error 0\n');
    const probes = new RegExp(`^prober_probe_total\\{probe_type="Liveness",container="main",pod="server",namespace="${world.namespace}"[^}]*result="successful"\\} [1-9]`, 'm');
    await waitUntil('a probe is counted', async () => probes.test(await metrics('probes')), { timeoutMs: 20_000 });
  });

  it('lists the images of its node, and what its runtime can do', async () => {
    const { status } = await world.client.nodes().get(node.name);
    expect(status?.images?.flatMap(({ names }) => names ?? [])).toContain('podling.local/toolbox:1');
    expect(status?.runtimeHandlers?.map(({ name }) => name)).toContain('');
    expect(status?.features?.supplementalGroupsPolicy).toBeTypeOf('boolean');
  });

  it('shows nothing to a stranger, and to a pod\'s account nothing that it may not see', async () => {
    const { status } = await world.client.createToken(world.namespace, 'default', { audiences: [] });
    for (const path of ['/pods', '/configz', '/metrics/resource', '/healthz', `/containerLogs/${world.namespace}/server/main`]) {
      expect([await knock(path), await knock(path, 'nonsense'), await knock(path, status?.token)]).toEqual([401, 401, 403]);
    }
  });
});
