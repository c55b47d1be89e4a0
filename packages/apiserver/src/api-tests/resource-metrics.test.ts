import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeList, NodeMetrics, Pod, PodMetrics } from '@podling/shared/api';
import { createTestAuthority } from '../testing/certificates.ts';
import { MeteredKubelet } from '../testing/metered-kubelet.ts';
import { TestServer, podBody, pods } from '../testing/test-server.ts';

const group = '/apis/metrics.k8s.io/v1beta1';
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

interface Table {
  columnDefinitions: { name: string; type: string; format: string }[];
  rows: { cells: string[] }[];
}

const milli = (quantity = ''): number => (quantity.endsWith('n') ? Number(quantity.slice(0, -1)) / 1e6 : quantity.endsWith('u') ? Number(quantity.slice(0, -1)) / 1e3 : Number(quantity.replace('m', '')));

describe('metrics.k8s.io', () => {
  const server = new TestServer();
  let folder: string;
  let kubelet: MeteredKubelet;

  const list = async <T>(path: string): Promise<T[]> => {
    const { code, body } = await server.send<KubeList<T>>('GET', `${group}/${path}`);
    expect([code, body.apiVersion]).toEqual([200, 'metrics.k8s.io/v1beta1']);
    return body.items;
  };
  const podNames = async (path: string): Promise<string[]> => (await list<PodMetrics>(path)).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  const createPod = async (name: string, nodeName: string, parts: { labels?: Record<string, string>; collection?: string } = {}): Promise<void> => {
    const spec: Pod['spec'] = { nodeName, containers: [{ name: 'main', image: 'x' }] };
    const { code } = await server.send('POST', parts.collection ?? pods, { body: podBody(name, { metadata: { name, labels: parts.labels ?? {} }, spec }) });
    expect(code).toBe(201);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'apiserver-metrics-'));
    const authority = await createTestAuthority('test-ca');
    const [serving, client] = await Promise.all([authority.issue('kubelet'), authority.issue('kube-apiserver-kubelet-client')]);
    const write = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    };
    kubelet = new MeteredKubelet(serving, authority.cert, () => Date.now());
    await kubelet.listen();
    await server.start({
      kubeletClient: { certificateAuthority: await write('ca', authority.cert), clientCertificate: await write('cert', client.cert), clientKey: await write('key', client.key) },
    });
    await server.send('POST', '/api/v1/nodes', { body: kubelet.asNode('n1', { zone: 'a' }) });
    await server.send('POST', '/api/v1/nodes', { body: { metadata: { name: 'gone' } } });
    await createPod('web', 'n1', { labels: { app: 'web' } });
    await createPod('db', 'n1', { labels: { app: 'db' } });
    await createPod('dns', 'n1', { collection: '/api/v1/namespaces/kube-system/pods' });
    await createPod('lost', 'gone');
    await createPod('nowhere', 'not-registered');
    const load = (namespace: string, pod: string, container: string, cpu: number) => ({ namespace, pod, container, cpu, memoryBytes: 64 << 20 });
    kubelet.loads = [load('default', 'web', 'side', 0.1), load('default', 'web', 'main', 0.5), load('default', 'db', 'main', 0.002), load('kube-system', 'dns', 'main', 0.01)];
    kubelet.loads.push(load('default', 'stranger', 'main', 1));
    await list('pods');
  });

  afterAll(async () => {
    await server.stop();
    await kubelet.close();
    await rm(folder, { recursive: true });
  });

  it('is found by discovery, to be read and nothing else', async () => {
    const { body } = await server.send<{ resources: object[] }>('GET', group);
    const verbs = ['get', 'list'];
    expect(body.resources).toEqual([
      { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs },
      { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs },
    ]);
    for (const path of ['pods?watch=true', 'nodes?watch=1']) expect((await server.send('GET', `${group}/${path}`)).code).toBe(405);
    expect((await server.send('POST', `${group}/nodes`, { body: {} })).code).toBe(405);
    expect((await server.send('DELETE', `${group}/namespaces/default/pods/web`)).code).toBe(405);
  });

  it('tells what a node uses', async () => {
    const items = await list<NodeMetrics>('nodes');
    expect(items).toEqual([{
      metadata: { name: 'n1', labels: { zone: 'a' }, creationTimestamp: expect.stringMatching(/Z$/) }, timestamp: expect.stringMatching(/Z$/), window: expect.stringMatching(/^\d+(\.\d+)?s$/),
      usage: { cpu: expect.any(String), memory: '1Gi' },
    }]);
    expect(milli(items[0]?.usage['cpu'])).toBeCloseTo(250, 0);
    const { body } = await server.send<NodeMetrics>('GET', `${group}/nodes/n1`);
    expect([body.kind, body.apiVersion, body.usage]).toEqual(['NodeMetrics', 'metrics.k8s.io/v1beta1', items[0]?.usage]);
  });

  it('tells what the containers of a pod use, sidecars too', async () => {
    const { body } = await server.send<PodMetrics>('GET', `${group}/namespaces/default/pods/web`);
    expect(body).toMatchObject({ kind: 'PodMetrics', metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } } });
    expect(body.containers.map(({ name, usage }) => [name, Math.round(milli(usage['cpu'])), usage['memory']])).toEqual([['main', 500, '64Mi'], ['side', 100, '64Mi']]);
  });

  it.each([
    ['pods', ['default/db', 'default/web', 'kube-system/dns']],
    ['namespaces/default/pods', ['default/db', 'default/web']],
    ['namespaces/default/pods?labelSelector=app%3Dweb', ['default/web']],
    ['pods?labelSelector=app', ['default/db', 'default/web']],
    ['pods?fieldSelector=metadata.namespace%3Dkube-system', ['kube-system/dns']],
    ['pods?fieldSelector=metadata.name!%3Dweb', ['default/db', 'kube-system/dns']],
    ['namespaces/kube-public/pods', []],
  ])('lists %s in order, and only pods that there are', async (path, names) => {
    expect(await podNames(path)).toEqual(names);
  });

  it('selects nodes by label and name', async () => {
    expect(await list('nodes?labelSelector=zone%3Db')).toEqual([]);
    expect(await list('nodes?labelSelector=zone%3Da&fieldSelector=metadata.name%3Dn1')).toHaveLength(1);
  });

  it('knows no other fields', async () => {
    const { code, body } = await server.send('GET', `${group}/pods?fieldSelector=spec.nodeName%3Dn1`);
    expect([code, body.message]).toEqual([400, '"spec.nodeName" is not a known field selector: only "metadata.name", "metadata.namespace"']);
  });

  it.each([
    ['nodes/nobody', 'nodes "nobody" not found'],
    ['nodes/gone', 'nodemetrics.metrics.k8s.io "gone" not found'],
    ['namespaces/default/pods/nobody', 'pods "nobody" not found'],
    ['namespaces/default/pods/lost', 'podmetrics.metrics.k8s.io "default/lost" not found'],
    ['namespaces/default/pods/nowhere', 'podmetrics.metrics.k8s.io "default/nowhere" not found'],
  ])('answers 404 for %s', async (path, message) => {
    const { code, body } = await server.send('GET', `${group}/${path}`);
    expect([code, body.reason, body.message]).toEqual([404, 'NotFound', message]);
  });

  it('comes as a Table, in YAML, or as metadata alone', async () => {
    const { body } = await server.send<Table>('GET', `${group}/namespaces/default/pods`, { accept: table });
    expect(body.columnDefinitions.map(({ name, type, format }) => [name, type, format])).toEqual([
      ['Name', 'string', 'name'], ['cpu', 'string', 'quantity'], ['memory', 'string', 'quantity'], ['Window', 'string', 'duration'],
    ]);
    expect(body.rows.map(({ cells: [name, cpu, memory] }) => [name, Math.round(milli(cpu)), memory])).toEqual([['db', 2, '64Mi'], ['web', 600, '128Mi']]);
    expect((await server.send<Table>('GET', `${group}/nodes/n1`, { accept: table })).body.rows[0]?.cells.slice(0, 1)).toEqual(['n1']);
    expect((await server.send<string>('GET', `${group}/nodes`, { accept: 'application/yaml' })).body).toContain('kind: NodeMetricsList');
    const partial = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    expect((await server.send<{ kind: string }>('GET', `${group}/nodes`, { accept: partial })).body.kind).toBe('PartialObjectMetadataList');
    expect((await server.send('GET', `${group}/nodes`, { accept: 'application/vnd.kubernetes.protobuf, */*' })).headers.get('content-type')).toBe('application/json');
  });

  it('is described in OpenAPI under the names that Kubernetes has for it', async () => {
    const { body } = await server.send<{ paths: object; components: { schemas: Record<string, { required: string[] }> } }>('GET', '/openapi/v3/apis/metrics.k8s.io/v1beta1');
    expect(Object.keys(body.paths)).toEqual([
      `${group}/`, `${group}/nodes`, `${group}/nodes/{name}`, `${group}/pods`, `${group}/namespaces/{namespace}/pods`, `${group}/namespaces/{namespace}/pods/{name}`,
    ]);
    expect(body.components.schemas['io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics']?.required).toEqual(['timestamp', 'window', 'containers']);
  });

  it('asks a kubelet once for all who ask, with our own certificate, and not again for a while', async () => {
    const before = kubelet.scrapes;
    await Promise.all(['pods', 'nodes', 'namespaces/default/pods', 'nodes/n1'].map((path) => server.send('GET', `${group}/${path}`)));
    expect(kubelet.scrapes).toBe(before);
    expect(new Set(kubelet.fake.clients)).toEqual(new Set(['kube-apiserver-kubelet-client']));
  });
});
