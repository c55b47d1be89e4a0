import { newBadRequest, newStatusError } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { FakeIo } from '../testing/fake-io.ts';
import { kubectl } from '../testing/run.ts';

const PODS = '/api/v1/namespaces/default/pods';
const columnDefinitions = [{ name: 'Name' }, { name: 'Status' }, { name: 'Age' }, { name: 'IP', priority: 1 }];

const row = (name: string, status = 'Running', namespace = 'default') => ({
  cells: [name, status, '5s', '10.244.0.2'],
  object: { metadata: { name, namespace, labels: { app: name, tier: 'x' } } },
});
const table = (...rows: object[]) => ({ kind: 'Table', metadata: { resourceVersion: '7' }, columnDefinitions, rows });
const pod = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' } });
const api = () => new FakeApi().on(`GET ${PODS}`, table(row('web'), row('db', 'Pending')));

describe('kubectl get', () => {
  it('prints the table that the server made', async () => {
    const server = api();
    expect(await kubectl(server, 'get pods')).toEqual({ exitCode: 0, stdout: 'NAME   STATUS    AGE\nweb    Running   5s\ndb     Pending   5s\n', stderr: '' });
    expect(server.requests.at(-1)?.accept).toContain('as=Table;v=v1;g=meta.k8s.io');
  });

  it.each([
    ['get pods -o wide', 'NAME   STATUS    AGE   IP\nweb    Running   5s    10.244.0.2\ndb     Pending   5s    10.244.0.2\n'],
    ['get pods --no-headers', 'web   Running   5s\ndb    Pending   5s\n'],
    ['get pods --show-labels', 'NAME   STATUS    AGE   LABELS\nweb    Running   5s    app=web,tier=x\ndb     Pending   5s    app=db,tier=x\n'],
    ['get pods --show-kind --no-headers', 'pod/web   Running   5s\npod/db    Pending   5s\n'],
    ['get pods -L example.com/zone,app -L tier', 'NAME   STATUS    AGE   ZONE   APP   TIER\nweb    Running   5s           web   x\ndb     Pending   5s           db    x\n'],
  ])('%s', async (line, stdout) => {
    expect((await kubectl(api(), line)).stdout).toBe(stdout);
  });

  it('shows the namespace of each row for all namespaces', async () => {
    const server = new FakeApi().on('GET /api/v1/pods', table(row('web', 'Running', 'blue')));
    expect((await kubectl(server, 'get pods -A')).stdout).toBe('NAMESPACE   NAME   STATUS    AGE\nblue        web    Running   5s\n');
  });

  it('puts objects asked for by name under one header', async () => {
    const server = new FakeApi().on(`GET ${PODS}/a`, table(row('a'))).on(`GET ${PODS}/bcdef`, table(row('bcdef')));
    expect((await kubectl(server, 'get pod a bcdef')).stdout).toBe('NAME    STATUS    AGE\na       Running   5s\nbcdef   Running   5s\n');
  });

  it('marks names with their type when there are several', async () => {
    const server = api().on('GET /api/v1/nodes', table(row('n1', 'Ready')));
    expect((await kubectl(server, 'get pods,nodes')).stdout).toBe(
      'NAME      STATUS    AGE\npod/web   Running   5s\npod/db    Pending   5s\n\nNAME      STATUS   AGE\nnode/n1   Ready    5s\n',
    );
  });

  it('marks no name when one type is all that was found', async () => {
    const server = new FakeApi().on(`GET ${PODS}/web`, table(row('web')));
    expect((await kubectl(server, 'get pod/web node/n1 --no-headers')).stdout).toBe('web   Running   5s\n');
  });

  it('takes what a template names and is not there for nothing, unless told otherwise', async () => {
    const server = new FakeApi().on(`GET ${PODS}/web`, pod('web'));
    expect(await kubectl(server, 'get pod web -o jsonpath={.spec}.')).toEqual({ exitCode: 0, stdout: '.', stderr: '' });
    const { exitCode, stderr } = await kubectl(server, 'get pod web -o jsonpath={.spec} --allow-missing-template-keys=false');
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('spec is not found')]);
  });

  it('goes on after an object that does not exist, and fails', async () => {
    const server = new FakeApi().on(`GET ${PODS}/web`, table(row('web')));
    expect(await kubectl(server, 'get pod x web --no-headers')).toEqual({
      exitCode: 1,
      stdout: 'web   Running   5s\n',
      stderr: 'Error from server (NotFound): pods "x" not found\n',
    });
  });

  it('does not mind a missing object with --ignore-not-found', async () => {
    expect(await kubectl(new FakeApi(), 'get pod x --ignore-not-found')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it.each([
    ['get pods', 'No resources found in default namespace.\n'],
    ['get pods -n blue', 'No resources found in blue namespace.\n'],
    ['get pods -A', 'No resources found\n'],
    ['get nodes', 'No resources found\n'],
  ])('%s of nothing explains itself and succeeds', async (line, stderr) => {
    const server = new FakeApi();
    for (const path of [PODS, '/api/v1/namespaces/blue/pods', '/api/v1/pods', '/api/v1/nodes']) server.on(`GET ${path}`, table());
    expect(await kubectl(server, line)).toEqual({ exitCode: 0, stdout: '', stderr });
  });

  it('hands selectors to the server', async () => {
    const server = api();
    await kubectl(server, 'get pods -l app=web,tier!=x --field-selector=status.phase=Running');
    expect(server.requests.at(-1)?.query).toMatchObject({ labelSelector: 'app=web,tier!=x', fieldSelector: 'status.phase=Running' });
  });

  it('joins the pages of a long list', async () => {
    const server = new FakeApi().on(`GET ${PODS}`, ({ query }: { query?: Record<string, unknown> }) =>
      query?.['continue'] === 'more' ? table(row('db')) : { ...table(row('web')), metadata: { continue: 'more' } },
    );
    expect((await kubectl(server, 'get pods')).stdout).toBe('NAME   STATUS    AGE\nweb    Running   5s\ndb     Running   5s\n');
  });

  it('prints documents', async () => {
    const server = new FakeApi().on(`GET ${PODS}/web`, pod('web')).on(`GET ${PODS}`, { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [{ metadata: { name: 'web' } }] });
    expect((await kubectl(server, 'get pod web -o yaml')).stdout).toBe('apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: default\n');
    expect(JSON.parse((await kubectl(server, 'get pods -o=json')).stdout)).toEqual({
      apiVersion: 'v1',
      kind: 'List',
      metadata: { resourceVersion: '' },
      items: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } }],
    });
    expect((await kubectl(server, 'get pods -oname')).stdout).toBe('pod/web\n');
    expect((await kubectl(server, 'get pod web -o name')).stdout).toBe('pod/web\n');
  });

  it.each([
    ['-o jsonpath={.items[*].metadata.name}', 'web db'],
    ['-o jsonpath-as-json={.items[*].metadata.name}', '[\n    "web",\n    "db"\n]\n'],
    ['-o jsonpath --template={.kind}', 'List'],
    ['-o custom-columns=NAME:.metadata.name,N:spec.n,L:.metadata.labels', 'NAME   N     L\nweb    10    map[a:b c:d]\ndb     2     <none>\n'],
    ['-o custom-columns=X:.nope --no-headers', '<none>\n<none>\n'],
    ['-o name --sort-by=.spec.n', 'pod/db\npod/web\n'],
    ['-o name --sort-by=metadata.labels.a', 'pod/db\npod/web\n'],
  ])('%s', async (flags, stdout) => {
    const items = [{ metadata: { name: 'web', labels: { c: 'd', a: 'b' } }, spec: { n: 10 } }, { metadata: { name: 'db' }, spec: { n: 2 } }];
    const server = new FakeApi().on(`GET ${PODS}`, { kind: 'PodList', metadata: {}, items });
    expect(await kubectl(server, `get pods ${flags}`)).toEqual({ exitCode: 0, stdout, stderr: '' });
  });

  it('sorts the rows of a table by what the objects hold', async () => {
    const rows = [row('web'), row('db')].map((r, i) => ({ ...r, object: { ...r.object, spec: { cpu: ['1', '500m'][i] } } }));
    const server = new FakeApi().on(`GET ${PODS}`, table(...rows));
    expect((await kubectl(server, 'get pods --no-headers --sort-by={.spec.cpu}')).stdout).toBe('db    Running   5s\nweb   Running   5s\n');
    expect(server.requests.at(-1)?.query).toMatchObject({ includeObject: 'Object' });
  });

  it('prints what the server says with --raw', async () => {
    const server = new FakeApi().on('GET /metrics', ({ query }: { query?: unknown }) => [JSON.stringify(query)]);
    expect((await kubectl(server, 'get --raw /metrics?a=1')).stdout).toBe('{"a":"1"}');
  });

  it('gets the objects of files', async () => {
    const io = new FakeIo();
    io.stdin = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n';
    expect((await kubectl(new FakeApi().on(`GET ${PODS}/web`, pod('web')), 'get -f - -o name', io)).stdout).toBe('pod/web\n');
  });

  it('prints rows as a watch brings them, under one header', async () => {
    const event = (type: string, status: string) => ({ type, object: { ...table(row('web', status)), columnDefinitions: [] } });
    const server = new FakeApi()
      .on(`GET ${PODS}`, table(row('web', 'Pending')))
      .on(`WATCH ${PODS}`, [event('MODIFIED', 'ContainerCreating'), event('MODIFIED', 'Running')]);
    const { stdout } = await kubectl(server, 'get pods -w');
    expect(stdout).toBe('NAME   STATUS    AGE\nweb    Pending   5s\nweb    ContainerCreating   5s\nweb    Running             5s\n');
    expect(server.requests.at(-1)?.query).toMatchObject({ watch: true, resourceVersion: '7' });
  });

  it.each(['get pods -l a=b=c', 'delete pods -l a=b=c', 'logs -l a=b=c'])('%s says what the refused selector was meant for', async (line) => {
    const refused = newBadRequest("found '=', expected: ',' or 'end of string'");
    expect((await kubectl(new FakeApi().on(`GET ${PODS}`, refused), line)).stderr).toBe(
      'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "a=b=c", field selector "": found \'=\', expected: \',\' or \'end of string\'\n',
    );
  });

  it.each(['get pod a', 'exec a -- ls', 'attach po/a', 'port-forward a 80', 'describe pod a', 'patch pod a -p {}', 'wait pod a --for=condition=Ready'])('%s says that the namespace is missing', async (line) => {
    const missing = 'Error from server (NotFound): namespaces "nope" not found\n';
    const empty = (): FakeApi => new FakeApi().on('GET /api/v1/namespaces/nope/pods', { items: [] });
    expect((await kubectl(empty(), `-n nope ${line}`)).stderr).toBe(missing);
    const present = empty().on('GET /api/v1/namespaces/nope', { kind: 'Namespace', metadata: { name: 'nope' } });
    expect((await kubectl(present, `-n nope ${line}`)).stderr).toBe(missing.replace('namespaces "nope"', 'pods "a"'));
  });

  it('says what happened with --output-watch-events', async () => {
    const watched = new FakeApi().on(`GET ${PODS}/web`, table(row('web'))).on(`WATCH ${PODS}`, [{ type: 'DELETED', object: { ...table(row('web')), columnDefinitions: [] } }]);
    expect((await kubectl(watched, 'get pod web -w --output-watch-events')).stdout).toBe('EVENT   NAME   STATUS    AGE\nADDED   web    Running   5s\nDELETED   web    Running   5s\n');
    const named = new FakeApi().on(`GET ${PODS}/web`, pod('web')).on(`WATCH ${PODS}`, [{ type: 'MODIFIED', object: pod('web') }]);
    expect((await kubectl(named, 'get pod web --watch-only --output-watch-events -o jsonpath={.type}/{.object.metadata.name}')).stdout).toBe('MODIFIED/web');
    expect((await kubectl(named, 'get pod web --watch-only --output-watch-events -o name')).stdout).toBe('pod/web\n');
    expect((await kubectl(named, 'get pod web --watch-only --output-watch-events -o json')).stdout).toBe('{"type":"MODIFIED","object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"default"}}}\n');
  });

  it('asks for long lists in pieces of --chunk-size', async () => {
    const server = api();
    await kubectl(server, 'get pods --chunk-size=4');
    expect(server.requests.at(-1)?.query).toMatchObject({ limit: 4 });
  });

  it('watches one object by its name', async () => {
    const server = new FakeApi().on(`GET ${PODS}/web`, table(row('web'))).on(`WATCH ${PODS}`, []);
    await kubectl(server, 'get pod web -w');
    expect(server.requests.at(-1)?.query).toMatchObject({ fieldSelector: 'metadata.name=web' });
  });

  it('separates watched documents', async () => {
    const server = new FakeApi().on(`GET ${PODS}/web`, pod('web')).on(`WATCH ${PODS}`, [{ type: 'MODIFIED', object: pod('web') }]);
    expect((await kubectl(server, 'get pod web -w -o yaml')).stdout.split('---\n')).toHaveLength(2);
  });

  it('shows what ended a watch', async () => {
    const gone = newStatusError({ code: 410, reason: 'Expired', message: 'too old resource version' }).status;
    const server = api().on(`WATCH ${PODS}`, [{ type: 'ERROR', object: gone }]);
    expect(await kubectl(server, 'get pods -w')).toMatchObject({ exitCode: 1, stderr: 'Error from server (Expired): too old resource version\n' });
  });

  it('still prints names and ages for a server without tables', async () => {
    const server = new FakeApi().on(`GET ${PODS}`, { kind: 'PodList', metadata: {}, items: [{ metadata: { name: 'web', creationTimestamp: '2024-01-01T00:00:00Z' } }] });
    expect((await kubectl(server, 'get pods')).stdout).toBe('NAME   AGE\nweb    10m\n');
  });

  it('lets no control character of the server reach the screen', async () => {
    const server = new FakeApi().on(`GET ${PODS}`, table(row('web', 'Run\u001b[2Jning')));
    expect((await kubectl(server, 'get pods --no-headers')).stdout).toBe('web   Run^[[2Jning   5s\n');
  });

  it('colours states only on a terminal that wants it', async () => {
    const io = new FakeIo();
    io.terminal = { columns: 80 };
    io.color = true;
    expect((await kubectl(api(), 'get pods', io)).stdout).toContain('\u001b[32mRunning\u001b[39m');
  });

  it.each([
    ['get', "complete list of supported resources.\n\nerror: Required resource not specified."],
    ['get widgets', 'error: the server doesn\'t have a resource type "widgets"'],
    ['get pods -o fancy', 'error: unable to match a printer suitable for the output format "fancy"'],
    ['get pods -o go-template={{.}}', 'error: the output format "go-template" is not supported: use jsonpath or custom-columns in its place\n'],
    ['get pods -o jsonpath', 'error: template format specified but no template given\n'],
    ['get pods -o jsonpath={.a', 'error: error parsing jsonpath {.a, unclosed action\n'],
    ['get pods -o jsonpath-file=/nonexistent', 'error: error reading --template /nonexistent, open /nonexistent: no such file or directory'],
    ['get pods -o custom-columns', 'error: custom-columns format specified but no custom columns given\n'],
    ['get pods -o custom-columns=NAME', 'error: unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>\n'],
    ['get pods --sort-by=.nope', 'error: couldn\'t find any field with path "{.nope}" in the list of objects\n'],
    ['get pods --show-labels -o json', 'error: --show-labels option cannot be used with json printer\n'],
    ['get pods --output-watch-events', 'error: --output-watch-events option can only be used with --watch or --watch-only\n'],
    ['get pods --chunk-size=x', 'error: invalid argument "x" for "--chunk-size" flag: strconv.ParseInt: parsing "x": invalid syntax\n'],
    ['get --raw nope', 'error: --raw must be a valid URL path: "nope" does not begin with a slash\n'],
    ['get pods --raw /x', 'error: arguments may not be passed when --raw is specified\n'],
    ['get pods,nodes -w', 'error: you may only specify a single resource type\n'],
    ['get pods a b -w', 'error: you may only watch a single resource or type of resource at a time\n'],
  ])('%s fails with a reason', async (line, message) => {
    const { exitCode, stderr } = await kubectl(api(), line);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
  });
});
