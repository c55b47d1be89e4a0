import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildNode, buildPod } from '@podling/shared/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { kubectl } from '../testing/run.ts';

const hint = "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n";
const services = (...items: object[]) => ({ kind: 'ServiceList', metadata: {}, items });
const aService = (name: string, ports: object[], more: object = {}) => ({ metadata: { name, namespace: 'kube-system' }, spec: { ports }, ...more });

describe('cluster-info', () => {
  it('says where the apiserver and the services of the cluster are', async () => {
    const api = new FakeApi().on('GET /api/v1/namespaces/kube-system/services', services(
      aService('kube-dns', [{ name: 'dns', port: 53 }], { metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'kubernetes.io/name': 'CoreDNS' } } }),
      aService('board', [{ port: 443 }]), aService('bare', []), aService('plain', [{ port: 80 }]),
      aService('edge', [{ port: 80 }, { port: 81 }], { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } }),
    ));
    const proxy = (name: string): string => `http://127.0.0.1:8080/api/v1/namespaces/kube-system/services/${name}/proxy`;
    expect(await kubectl(api, 'cluster-info')).toEqual({
      exitCode: 0, stderr: '',
      stdout: [
        'Kubernetes control plane is running at http://127.0.0.1:8080', `CoreDNS is running at ${proxy('kube-dns:dns')}`, `board is running at ${proxy('https:board:')}`,
        `bare is running at ${proxy('bare')}`, `plain is running at ${proxy('plain')}`, 'edge is running at http://192.0.2.1:80 http://192.0.2.1:81 ',
      ].join('\n') + `\n${hint}`,
    });
    expect(api.sent('GET').at(-1)?.query).toMatchObject({ labelSelector: 'kubernetes.io/cluster-service=true' });
  });

  it('looks into the namespace it is told', async () => {
    const api = new FakeApi().on('GET /api/v1/namespaces/prod/services', services());
    expect((await kubectl(api, 'cluster-info -n prod')).stdout).toBe(`Kubernetes control plane is running at http://127.0.0.1:8080\n${hint}`);
  });
});

describe('cluster-info dump', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'podling-dump-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const list = (...items: object[]) => ({ metadata: {}, items });
  const aCluster = (podName = 'web'): FakeApi => new FakeApi()
    .on('GET /api/v1/nodes', list(buildNode({ name: 'n' })))
    .on('GET /api/v1/namespaces', list({ metadata: { name: 'a' } }, { metadata: { name: 'b' } }))
    .on('GET /api/v1/namespaces/a/pods', list(buildPod({ name: podName, namespace: 'a' })))
    .on('GET /api/v1/namespaces/b/pods', list())
    .on('GET /api/v1/namespaces/a/events', list())
    .on('GET /api/v1/namespaces/b/events', list())
    .on(`GET /api/v1/namespaces/a/pods/${podName}/log`, ['line one\n', 'line two\n']);
  const log = '==== START logs for container main of pod a/web ====\nline one\nline two\n==== END logs for container main of pod a/web ====\n';

  it('writes what the server has to standard output, with logs', async () => {
    const { exitCode, stdout, stderr } = await kubectl(aCluster(), 'cluster-info dump --namespaces a,b');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect([...stdout.matchAll(/^ {4}"kind": "(\w+)"/gm)].map(([, kind]) => kind)).toEqual(['NodeList', 'EventList', 'PodList', 'EventList', 'PodList']);
    expect(stdout).toContain(log);
  });

  it('writes files into a folder', async () => {
    const { exitCode, stdout } = await kubectl(aCluster(), `cluster-info dump -A -o yaml --output-directory=${folder}`);
    expect([exitCode, stdout]).toEqual([0, `Cluster info dumped to ${folder}\n`]);
    const files = (await readdir(folder, { recursive: true })).filter((file) => /\.\w+$/.test(file)).toSorted();
    expect(files).toEqual(['a/events.yaml', 'a/pods.yaml', 'a/web/logs.txt', 'b/events.yaml', 'b/pods.yaml', 'nodes.yaml']);
    expect(await readFile(join(folder, 'a/web/logs.txt'), 'utf8')).toBe(log);
    expect(await readFile(join(folder, 'nodes.yaml'), 'utf8')).toContain('kind: NodeList');
  });

  it('writes to standard output alone where the folder has no name', async () => {
    const { stdout } = await kubectl(aCluster(), 'cluster-info dump --namespaces=a --output-directory=');
    expect(stdout).toContain('==== END');
    expect(stdout).not.toContain('Cluster info dumped');
  });

  it('tells in the file that a log cannot be read', async () => {
    const api = aCluster().on('GET /api/v1/namespaces/a/pods/web/log', new Error('no such container'));
    expect((await kubectl(api, 'cluster-info dump --namespaces=a')).stdout).toContain('Request log error: no such container\n==== END');
  });

  it('writes nothing outside of the folder, whatever names a server has', async () => {
    const { exitCode, stderr } = await kubectl(aCluster('../../out'), `cluster-info dump --namespaces=a --output-directory=${folder}`);
    expect([exitCode, stderr]).toEqual([1, 'error: the server has an object with the impossible name "../../out"\n']);
  });
});
