import { buildNode } from '@podling/shared/testing';
import type { Taint } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { kubectl } from '../testing/run.ts';

const present: Taint[] = [{ key: 'dedicated', value: 'old', effect: 'NoSchedule' }, { key: 'dedicated', effect: 'NoExecute' }, { key: 'gpu', effect: 'NoSchedule' }];
const [schedule, execute, gpu] = present;

function twoNodes(): FakeApi {
  const [a, b] = [buildNode({ name: 'a', taints: present }), buildNode({ name: 'b' })];
  const api = new FakeApi().on('GET /api/v1/nodes', { kind: 'NodeList', metadata: {}, items: [a, b] });
  for (const node of [a, b]) api.on(`GET /api/v1/nodes/${node.metadata.name}`, node).on(`PATCH /api/v1/nodes/${node.metadata.name}`, node);
  return api;
}

const sent = (api: FakeApi): unknown[] => api.sent('PATCH').map(({ path, body }) => [path.at(-1), (body as { spec: { taints: unknown } }).spec.taints]);

const HINT = "\nSee 'kubectl taint -h' for help and examples";

describe('taint', () => {
  it.each<[string, string, unknown[]]>([
    ['nodes a new=x:NoSchedule', 'node/a tainted\n', [['a', [{ key: 'new', value: 'x', effect: 'NoSchedule' }, ...present]]]],
    ['node b new:PreferNoSchedule', 'node/b tainted\n', [['b', [{ key: 'new', effect: 'PreferNoSchedule' }]]]],
    ['no a dedicated:NoSchedule-', 'node/a untainted\n', [['a', [execute, gpu]]]],
    ['nodes a dedicated-', 'node/a untainted\n', [['a', [gpu]]]],
    ['nodes a dedicated- gpu-', 'node/a untainted\n', [['a', null]]],
    ['nodes a gpu- new:NoExecute', 'node/a modified\n', [['a', [{ key: 'new', effect: 'NoExecute' }, schedule, execute]]]],
    ['nodes a dedicated=new:NoSchedule --overwrite', 'node/a modified\n', [['a', [{ key: 'dedicated', value: 'new', effect: 'NoSchedule' }, execute, gpu]]]],
    ['nodes new:NoExecute --all', 'node/a tainted\nnode/b tainted\n', [['a', [{ key: 'new', effect: 'NoExecute' }, ...present]], ['b', [{ key: 'new', effect: 'NoExecute' }]]]],
    ['nodes -l x=y new:NoExecute --dry-run=client', 'node/a tainted (dry run)\nnode/b tainted (dry run)\n', []],
  ])('%s', async (line, stdout, patches) => {
    const api = twoNodes();
    expect(await kubectl(api, `taint ${line}`)).toEqual({ exitCode: 0, stdout, stderr: '' });
    expect(sent(api)).toEqual(patches);
  });

  it.each<[string, string]>([
    ['nodes a', 'at least one taint update is required'],
    ['a=b:NoSchedule', 'one or more resources must be specified as <resource> <name>'],
    ['nodes a x:NoSchedule b', 'all resources must be specified before taint changes: b'],
    ['pods a x:NoSchedule', 'invalid resource type pods, only node types are supported'],
    ['nodes x:NoSchedule', "at least one resource name must be specified since 'all' parameter is not set"],
    ['nodes x:NoSchedule --all -l a=b', "setting 'all' parameter with a non empty selector is prohibited"],
    ['nodes a x=y:Never', 'invalid taint effect: Never, unsupported taint effect' + HINT],
    ['nodes a x=y', "invalid taint spec: x=y, name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')" + HINT],
    ['nodes a x=y=z:NoSchedule', 'invalid taint spec: x=y=z:NoSchedule' + HINT],
    ['nodes a x:y:NoSchedule', 'invalid taint spec: x:y:NoSchedule' + HINT],
    ['nodes a x:NoSchedule x=y:NoSchedule', 'duplicated taints with the same key and effect: x=y:NoSchedule' + HINT],
    ['nodes a x:NoSchedule x-', 'can not both modify and remove the following taint(s) in the same command: x=' + HINT],
    ['nodes a dedicated=new:NoSchedule', 'node a already has dedicated taint(s) with same effect(s) and --overwrite is false'],
    ['nodes a gpu:NoExecute-', 'taint "gpu:NoExecute" not found'],
    ['nodes a x-', 'taint "x" not found'],
  ])('refuses %s', async (line, message) => {
    const api = twoNodes();
    expect(await kubectl(api, `taint ${line}`)).toEqual({ exitCode: 1, stdout: '', stderr: `error: ${message}\n` });
    expect(api.sent('PATCH')).toEqual([]);
  });

  it('goes on to the next node after a failure', async () => {
    const outcome = await kubectl(twoNodes(), 'taint nodes --all gpu=1:NoSchedule');
    expect(outcome).toEqual({ exitCode: 1, stdout: 'node/b tainted\n', stderr: 'error: node a already has gpu taint(s) with same effect(s) and --overwrite is false\n' });
  });
});
