import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from './testing/eventually.ts';
import { KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

let bench: KubeletBench;
let url: string;

async function start(flags: string[] = []): Promise<void> {
  bench = new KubeletBench(await tempDir());
  bench.put({ containers: [{ name: 'web', image: 'podling.local/toolbox:1' }] });
  const { port } = await bench.start(flags);
  url = `http://127.0.0.1:${port}`;
  await bench.running();
}

afterEach(() => bench.stop());

const get = async (path: string): Promise<[number, string]> => {
  const answer = await fetch(url + path);
  return [answer.status, await answer.text()];
};

const json = async (path: string): Promise<unknown> => (await fetch(url + path)).json();

const configFile = async (lines: string): Promise<string> => {
  const path = join(await tempDir(), 'kubelet.yaml');
  await writeFile(path, `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${lines}`);
  return `--config=${path}`;
};

/** The text format as a collector reads it: each family announced once, before its series; each series once. */
function readMetrics(text: string): Map<string, number> {
  const [series, announced] = [new Map<string, number>(), new Map<string, string>()];
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.split('\n').slice(0, -1)) {
    const [, keyword, family = '', rest = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line) ?? [];
    if (keyword === 'TYPE') {
      expect([announced.has(family), ['gauge', 'counter', 'histogram'].includes(rest)]).toEqual([false, true]);
      announced.set(family, rest);
    }
    if (keyword !== undefined) continue;
    const [, name = '', labels = '', value, time] = /^([a-zA-Z_:][\w:]*)((?:\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)+\})?) (\S+)( \d+)?$/.exec(line) ?? [];
    const owner = announced.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '');
    expect([line, announced.has(owner), series.has(name + labels), Number.isNaN(Number(value))]).toEqual([line, true, false, false]);
    expect([undefined, 14]).toContain(time?.length);
    series.set(name + labels, Number(value));
  }
  return series;
}

describe('the kubelet\'s server', () => {
  it('lists what should run and what runs', async () => {
    await start();
    expect(await json('/pods')).toMatchObject({ kind: 'PodList', items: [{ metadata: { name: 'web' }, status: { phase: 'Running' } }] });
    for (const path of ['/runningpods', '/runningpods/']) expect(await json(path)).toMatchObject({ kind: 'PodList', items: [{ metadata: { name: 'web', namespace: 'default', uid: 'uid-web' }, spec: { containers: [{ name: 'web' }] } }] });
    bench.put({ restartPolicy: 'Never' }, 'over');
    await bench.running('over');
    bench.runtime.exitContainer(bench.id('over'), 0);
    await eventually(() => expect(bench.pod('over').status?.phase).toBe('Succeeded'));
    await eventually(async () => expect(((await json('/runningpods')) as { items: unknown[] }).items).toHaveLength(1));
  });

  it('tells its figures in Prometheus\' format', async () => {
    await start();
    const own = readMetrics((await get('/metrics'))[1]);
    expect(own.get('kubelet_running_pods')).toBe(1);
    expect(own.get('kubelet_running_containers{container_state="running"}')).toBe(1);
    expect(own.get('kubelet_node_name{node="n1"}')).toBe(1);
    const resource = readMetrics((await get('/metrics/resource'))[1]);
    expect(resource.get('resource_scrape_error')).toBe(0);
    for (const name of ['container_cpu_usage_seconds_total', 'container_memory_working_set_bytes']) expect(resource.has(`${name}{container="web",namespace="default",pod="web"}`)).toBe(true);
    for (const name of ['pod_cpu_usage_seconds_total', 'pod_memory_working_set_bytes']) expect(resource.has(`${name}{namespace="default",pod="web"}`)).toBe(true);
    for (const name of ['node_cpu_usage_seconds_total', 'node_memory_working_set_bytes', 'node_swap_usage_bytes']) expect(resource.has(name)).toBe(true);
    const cadvisor = readMetrics((await get('/metrics/cadvisor'))[1]);
    expect([cadvisor.get('container_scrape_error'), [...cadvisor.keys()].some((name) => name.startsWith('machine_cpu_cores{'))]).toEqual([0, true]);
  });

  it('says in a metric that a scrape has failed', async () => {
    await start();
    bench.runtime.setDown(true);
    for (const [path, name] of [['/metrics/resource', 'resource_scrape_error'], ['/metrics/cadvisor', 'container_scrape_error']] as const) {
      const [code, text] = await get(path);
      expect([code, readMetrics(text).get(name)]).toEqual([200, 1]);
    }
  });

  it('counts how probes end, until their pod is gone', async () => {
    bench = new KubeletBench(await tempDir(), { behaviour: () => ({ exec: ([command]) => ({ exitCode: command === 'good' ? 0 : 1 }) }) });
    const containers = [{ name: 'web', image: 'podling.local/toolbox:1', livenessProbe: { exec: { command: ['good'] }, periodSeconds: 1 }, readinessProbe: { exec: { command: ['bad'] }, periodSeconds: 1 } }];
    bench.put({ containers });
    const { port } = await bench.start();
    url = `http://127.0.0.1:${port}`;
    const labels = (kind: string, more = ''): string => `{probe_type="${kind}",container="web",pod="web",namespace="default"${more}}`;
    await bench.within(1_000, async () => {
      const probes = readMetrics((await get('/metrics/probes'))[1] || '\n');
      expect(probes.get(`prober_probe_total${labels('Liveness', ',pod_uid="uid-web",result="successful"')}`)).toBeGreaterThan(0);
      expect(probes.get(`prober_probe_total${labels('Readiness', ',pod_uid="uid-web",result="failed"')}`)).toBeGreaterThan(0);
      expect(probes.get(`prober_probe_duration_seconds_count${labels('Liveness')}`)).toBeGreaterThan(0);
    });
    bench.markDeleted();
    await bench.within(1_000, async () => expect((await get('/metrics/probes'))[1]).toBe(''));
  });

  it('shows the configuration in force', async () => {
    await start([await configFile('maxPods: 42\n'), '--healthz-port=0']);
    expect(await json('/configz')).toMatchObject({ kubeletconfig: { kind: 'KubeletConfiguration', maxPods: 42, syncFrequency: '1m0s', port: 0 } });
  });

  it('is healthy, part by part', async () => {
    await start();
    for (const path of ['/healthz', '/healthz/ping', '/healthz/syncloop']) expect(await get(path)).toEqual([200, 'ok']);
    expect(await get('/healthz?verbose')).toEqual([200, '[+]ping ok\n[+]syncloop ok\nhealthz check passed\n']);
  });

  it('is not healthy once its runtime has been away for long', async () => {
    await start();
    bench.runtime.status = () => Promise.resolve({ conditions: [{ type: 'RuntimeReady', status: false, reason: '', message: 'gone' }], runtimeHandlers: [] });
    await bench.within(30_000, async () => {
      const [code, text] = await get('/healthz');
      expect([code, text]).toEqual([500, '[+]ping ok\n[-]syncloop failed: reason withheld\nhealthz check failed\n']);
    });
    expect((await get('/healthz/ping'))[0]).toBe(200);
  });

  it.each(['/', '/metrics/none', '/exec/default/web', '/Pods', '/healthz/none', '/containerLogs/default/web', '/pods/x', '/%2e%2e/etc/passwd'])('answers 404 to %s', async (path) => {
    await start();
    expect((await get(path))[0]).toBe(404);
  });

  it('shows nothing of pods where debugging handlers are off', async () => {
    await start([await configFile('enableDebuggingHandlers: false\n'), '--healthz-port=0']);
    for (const path of ['/runningpods', '/configz', '/containerLogs/default/web/web']) expect(await get(path)).toEqual([405, 'Debug endpoints are disabled.\n']);
    expect((await get('/metrics/resource'))[0]).toBe(200);
  });

  it('tells its health on a port of its own, also when that is free only later', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => void taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)));
    await start([`--healthz-port=${port}`]);
    await new Promise((resolve) => taken.close(resolve));
    url = `http://127.0.0.1:${port}`;
    await bench.within(1_000, async () => expect(await get('/healthz')).toEqual([200, 'ok']));
    expect((await get('/pods'))[0]).toBe(404);
  });

  it('can be left out altogether', async () => {
    bench = new KubeletBench(await tempDir());
    const { port } = await bench.start([await configFile('enableServer: false\n'), '--healthz-port=0', '--port=1']);
    expect(port).toBe(1);
    await eventually(() => expect(bench.server.nodes.get('n1')?.status?.daemonEndpoints?.kubeletEndpoint?.Port).toBe(1));
    await expect(fetch('http://127.0.0.1:1/healthz')).rejects.toThrow();
  });
});
