import { newNotFound } from '@podling/shared/api';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { kubectl } from '../testing/run.ts';

const group = '/apis/metrics.k8s.io/v1beta1';
const created = '2024-01-01T00:09:00Z';

const usage = (cpu: string, memory: string) => ({ cpu, memory });
const figures = { timestamp: created, window: '15s' };
const nodeMetrics = (name: string, cpu: string, memory: string) => ({ metadata: { name }, ...figures, usage: usage(cpu, memory) });
const node = (name: string, parts: object = {}) => ({ metadata: { name }, status: { allocatable: usage('2', '4Gi'), capacity: usage('4', '8Gi'), ...parts } });
const container = (name: string, cpu: string, memory: string) => ({ name, usage: usage(cpu, memory) });
const podMetrics = (namespace: string, name: string, ...containers: object[]) => ({ metadata: { namespace, name }, ...figures, containers });

describe('top', () => {
  let api: FakeApi;

  beforeEach(() => {
    api = new FakeApi();
    api.on('GET /apis', { groups: [{ name: 'metrics.k8s.io', versions: [{ version: 'v1beta1' }] }] });
  });

  /** Trailing spaces are the real kubectl's. */
  const lines = async (line: string): Promise<string[]> => {
    const { exitCode, stdout, stderr } = await kubectl(api, line);
    expect([exitCode, stderr]).toEqual([0, '']);
    return stdout.split('\n').slice(0, -1);
  };

  describe('nodes', () => {
    beforeEach(() => {
      api.on(`GET ${group}/nodes`, { items: [nodeMetrics('b', '1500000001n', '1Gi'), nodeMetrics('a', '250m', '3145727Ki')] });
      api.on('GET /api/v1/nodes', { items: [node('a'), node('b'), node('gone')] });
    });

    it('shows what they use of what they have to give, and who has no figures', async () => {
      expect(await lines('top nodes')).toEqual([
        'NAME   CPU(cores)   CPU(%)      MEMORY(bytes)   MEMORY(%)   ',
        'a      250m         12%         3071Mi          74%         ',
        'b      1501m        75%         1024Mi          25%         ',
        'gone   <unknown>    <unknown>   <unknown>       <unknown>   ',
      ]);
    });

    it.each([['--sort-by cpu', ['b', 'a', 'gone']], ['--sort-by=memory', ['a', 'b', 'gone']]])('come in the order of %s', async (flag, names) => {
      expect((await lines(`top no ${flag} --no-headers`)).map((line) => line.split(' ')[0])).toEqual(names);
    });

    it('are shown against their capacity on demand', async () => {
      expect((await lines('top node --show-capacity --no-headers'))[0]).toBe('a      250m        6%          3071Mi      37%         ');
    });

    it('may be one, or selected', async () => {
      api.on(`GET ${group}/nodes/a`, nodeMetrics('a', '0', '0')).on('GET /api/v1/nodes/a', node('a', { allocatable: {} }));
      expect(await lines('top node a --no-headers')).toEqual(['a     0m    <unknown>   0Mi   <unknown>   ']);
      await lines('top node -l zone=a');
      expect(api.requests.filter(({ query }) => query?.['labelSelector'] === 'zone=a').map(({ path }) => path)).toEqual([`${group}/nodes`, '/api/v1/nodes']);
    });

    it('without figures at all are an error', async () => {
      api.on(`GET ${group}/nodes`, { items: [] }).on(`GET ${group}/nodes/x`, newNotFound({ group: 'metrics.k8s.io', resource: 'nodemetrics' }, 'x'));
      expect(await kubectl(api, 'top nodes')).toMatchObject({ exitCode: 1, stderr: 'error: metrics not available yet\n' });
      expect(await kubectl(api, 'top nodes x')).toMatchObject({ exitCode: 1, stderr: 'Error from server (NotFound): nodemetrics.metrics.k8s.io "x" not found\n' });
    });
  });

  describe('pods', () => {
    const web = podMetrics('default', 'web', container('side', '1m', '1Mi'), container('main', '2500001n', '10Mi'));
    const db = podMetrics('default', 'db', container('main', '1', '1Gi'));
    const dns = podMetrics('default-2', 'dns', container('main', '3m', '70Mi'));

    beforeEach(() => {
      api.on(`GET ${group}/namespaces/default/pods`, { items: [web, db] }).on(`GET ${group}/pods`, { items: [dns, web, db] });
      api.on(`GET ${group}/namespaces/default/pods/web`, web);
    });

    it('are the sums of their containers', async () => {
      expect(await lines('top pods')).toEqual(['NAME   CPU(cores)   MEMORY(bytes)   ', 'db     1000m        1024Mi          ', 'web    4m           11Mi            ']);
    });

    it('show each container', async () => {
      expect(await lines('top po web --containers')).toEqual([
        'POD   NAME   CPU(cores)   MEMORY(bytes)   ', 'web   main   3m           10Mi            ', 'web   side   1m           1Mi             ',
      ]);
    });

    it('come from all namespaces, with what all use', async () => {
      expect(await lines('top pod -A --sum')).toEqual([
        'NAMESPACE   NAME   CPU(cores)   MEMORY(bytes)   ',
        'default     db     1000m        1024Mi          ',
        'default     web    4m           11Mi            ',
        'default-2   dns    3m           70Mi            ',
        '                   ________     ________        ',
        '                   1007m        1105Mi          ',
      ]);
    });

    it.each([['cpu', ['db', 'web', 'dns']], ['memory', ['db', 'dns', 'web']]])('come in the order of %s', async (resource, names) => {
      expect((await lines(`top pod -A --no-headers --sort-by ${resource}`)).map((line) => line.split(/ +/)[1])).toEqual(names);
    });

    it('are selected by the server', async () => {
      await lines('top pod -l app=web --field-selector metadata.name=web');
      expect(api.requests.at(-1)).toMatchObject({ query: { labelSelector: 'app=web', fieldSelector: 'metadata.name=web' } });
    });

    it.each([
      [[], 0, 'No resources found in default namespace.\n'],
      [[{ metadata: { name: 'young', namespace: 'default', creationTimestamp: created } }], 1, 'error: metrics not available yet\n'],
      [[{ metadata: { name: 'old', namespace: 'default', creationTimestamp: '2024-01-01T00:00:00Z' } }], 1, 'error: Metrics not available for pod default/old, age: 10m0s\n'],
    ])('without figures are explained: %j', async (items, exitCode, stderr) => {
      api.on(`GET ${group}/namespaces/default/pods`, { items: [] }).on('GET /api/v1/namespaces/default/pods', { items });
      expect(await kubectl(api, 'top pods')).toEqual({ exitCode, stdout: '', stderr });
    });
  });

  it.each([
    ['top pods --sort-by size', '--sort-by accepts only cpu or memory'],
    ['top nodes a -l b', 'only one of NAME or --selector can be provided'],
    ['top pods a --field-selector b=c', 'only one of NAME or selector can be provided'],
    ['top pods a b', 'pod [NAME | -l label]\nSee \'kubectl top pod -h\' for help and examples'],
    ['top nodes a b', 'node [NAME | -l label]\nSee \'kubectl top node -h\' for help and examples'],
  ])('refuses %s', async (line, message) => {
    expect(await kubectl(api, line)).toMatchObject({ exitCode: 1, stderr: `error: ${message}\n` });
    expect(api.requests).toEqual([]);
  });

  it('says when there are no metrics', async () => {
    api.on('GET /apis', { groups: [] });
    expect(await kubectl(api, 'top pods')).toMatchObject({ exitCode: 1, stderr: 'error: Metrics API not available\n' });
  });
});
