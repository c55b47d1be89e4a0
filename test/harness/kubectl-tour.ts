import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KubectlUser } from './upstream-kubectl.ts';

export interface TourPlace {
  binary: string;
  kubeconfig: string;
  /** Made by the tour and deleted at its end. */
  namespace: string;
  /** Whether there are nodes, so that pods start. */
  podsRun: boolean;
  /** Ours has none. */
  goTemplates?: boolean;
}

const web = (image: string, extra = ''): string => `apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: ${image}
    command: [sh, -c, 'echo started; sleep 1000']
${extra}`;

const settings = (fields: string, extra = ''): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
${extra}data:
${fields}`;

const configMap = (metadata: object, rest: object = {}): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, ...rest });

const toolbox = 'podling.local/toolbox:1';
const rows = (table: string): string[][] => table.split('\n').map((line) => line.trim().split(/ {2,}/));

/** What people do with kubectl, step by step, each with what it must print. The steps build on each other. */
export function describeKubectlTour(title: string, { binary, kubeconfig, namespace, podsRun, goTemplates = true }: TourPlace): void {
  describe(title, () => {
    const user = new KubectlUser(binary, kubeconfig);

    beforeAll(async () => {
      expect(await user.say('create', 'namespace', namespace)).toBe(`namespace/${namespace} created`);
      user.inNamespace(namespace);
    });

    afterAll(async () => {
      await user.run(['delete', 'namespace', namespace, '--ignore-not-found', ...(podsRun ? [] : ['--wait=false'])]);
      user.leave();
    });

    it('creates: from files, from literals, with generated names', async () => {
      expect(await user.pipe(web(toolbox), 'create', '-f', '-')).toBe('pod/web created');
      expect(await user.pipe(web(toolbox), 'create', '-f', '-').catch(String)).toContain('Error from server (AlreadyExists): error when creating "STDIN": pods "web" already exists');
      expect(await user.say('create', 'configmap', 'literal', '--from-literal=a=1', '--from-literal=b=two')).toBe('configmap/literal created');
      expect(await user.say('create', 'secret', 'generic', 'hidden', '--from-literal=password=s3cret')).toBe('secret/hidden created');
      expect(await user.say('create', 'serviceaccount', 'robot')).toBe('serviceaccount/robot created');
      expect(await user.say('create', 'token', 'robot')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      expect(await user.pipe(configMap({ generateName: 'some-' }), 'create', '-f', '-')).toMatch(/^configmap\/some-\w{5} created$/);
      expect(await user.pipe(configMap({ name: 'UPPER' }), 'create', '-f', '-').catch(String)).toContain('The ConfigMap "UPPER" is invalid: metadata.name: Invalid value: "UPPER"');
    });

    it('gets in every output', async () => {
      expect(rows(await user.say('get', 'configmap', 'literal'))).toEqual([['NAME', 'DATA', 'AGE'], ['literal', '2', expect.stringMatching(/^\d+s$/)]]);
      expect(rows(await user.say('get', 'secrets'))[0]).toEqual(['NAME', 'TYPE', 'DATA', 'AGE']);
      expect(rows(await user.say('get', 'pods', '-o', 'wide'))[0]).toEqual(['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE', 'IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES']);
      expect(rows(await user.say('get', 'pods', '--show-labels'))[1]?.at(-1)).toBe('app=web');
      expect(rows(await user.say('get', 'pods', '-L', 'app', '--no-headers'))[0]?.at(-1)).toBe('web');
      expect(await user.say('get', 'pod/web', 'cm/literal', '-o', 'name')).toBe('pod/web\nconfigmap/literal');
      expect(JSON.parse(await user.say('get', 'cm', 'literal', '-o', 'json'))).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { a: '1', b: 'two' } });
      expect(await user.say('get', 'cm', 'literal', '-o', 'yaml')).toMatch(/^apiVersion: v1\ndata:\n {2}a: "1"\n {2}b: two\nkind: ConfigMap\nmetadata:\n/);
      expect(await user.say('get', 'pod', 'web', '-o', 'jsonpath={.spec.restartPolicy} {.spec.dnsPolicy}')).toBe('Always ClusterFirst');
      expect(await user.say('get', 'pods', '-o', 'custom-columns=N:.metadata.name,I:.spec.containers[*].image')).toBe(`N     I\nweb   ${toolbox}`);
      const decoded = await user.run(['get', 'secret', 'hidden', '-o', 'go-template={{.data.password | base64decode}}']);
      expect(decoded).toMatchObject(goTemplates ? { exitCode: 0, stdout: 's3cret' } : { exitCode: 1, stderr: expect.stringContaining('use jsonpath or custom-columns') as string });
      expect(await user.say('get', 'pods', '-l', 'app=other')).toBe('');
      expect(await user.say('get', 'pods', '--field-selector', 'metadata.name=web', '-o', 'name')).toBe('pod/web');
      expect(await user.say('get', 'pods', '--sort-by', '.metadata.name', '-o', 'name')).toBe('pod/web');
      expect(await user.say('get', 'all', '-o', 'name')).toContain('pod/web');
      expect(await user.fail('get', 'pod', 'nobody')).toBe('Error from server (NotFound): pods "nobody" not found');
      expect(await user.fail('get', 'gizmos')).toBe('error: the server doesn\'t have a resource type "gizmos"');
      expect(await user.fail('get', 'pods', '--field-selector', 'spec.gizmo=1')).toContain('field label not supported: spec.gizmo');
    });

    it('gets long lists in chunks', async () => {
      const list = Array.from({ length: 25 }, (_, index) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `chunk-${String(index).padStart(2, '0')}`, labels: { set: 'chunks' } } }));
      await user.pipe(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: list }), 'create', '-f', '-');
      const names = (await user.say('get', 'cm', '-l', 'set=chunks', '--chunk-size=4', '-o', 'name')).split('\n');
      expect(names).toEqual(list.map(({ metadata }) => `configmap/${metadata.name}`));
      expect((await user.say('delete', 'cm', '-l', 'set=chunks')).split('\n')).toHaveLength(25);
    });

    it('applies on the client: created, unchanged, configured, pruned', async () => {
      const first = user.write('settings.yaml', settings('  a: "1"\n  b: "2"\n'));
      expect(await user.say('apply', '-f', first)).toBe('configmap/settings created');
      expect(await user.say('apply', '-f', first)).toBe('configmap/settings unchanged');
      const second = user.write('settings.yaml', settings('  a: "1"\n  c: "3"\n'));
      expect(await user.say('apply', '-f', second)).toBe('configmap/settings configured');
      expect(JSON.parse(await user.say('get', 'cm', 'settings', '-o', 'jsonpath={.data}'))).toEqual({ a: '1', c: '3' });
      expect(await user.say('apply', 'view-last-applied', 'cm', 'settings')).toContain('c: "3"');
      const both = `${settings('  a: "1"\n', '  labels: {part: pruned}\n')}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: passing\n  labels: {part: pruned}\n`;
      await user.pipe(both, 'apply', '-f', '-');
      const pruned = await user.pipe(settings('  a: "1"\n', '  labels: {part: pruned}\n'), 'apply', '--prune', '-l', 'part=pruned', '--prune-allowlist', 'core/v1/ConfigMap', '-f', '-');
      expect(pruned).toContain('configmap/passing pruned');
    });

    it('applies to a pod by merge keys, and says what may not change', async () => {
      await user.pipe(web(toolbox), 'apply', '-f', '-');
      expect(await user.pipe(web(toolbox, '    env: [{name: A, value: b}]\n'), 'apply', '-f', '-').catch(String)).toContain('The Pod "web" is invalid: spec: Forbidden: pod updates may not change fields other than');
      expect(await user.pipe(web('podling.local/toolbox:2'), 'apply', '-f', '-')).toBe('pod/web configured');
      expect(await user.say('get', 'pod', 'web', '-o', 'jsonpath={.spec.containers[*].image}')).toBe('podling.local/toolbox:2');
      await user.pipe(web(toolbox), 'apply', '-f', '-');
    });

    it('applies on the server: owns fields, meets conflicts, forces them, gives fields up', async () => {
      const owned = (value: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: owned\ndata:\n  key: ${value}\n`;
      expect(await user.pipe(`${owned('one')}  other: x\n`, 'apply', '--server-side', '-f', '-')).toBe('configmap/owned serverside-applied');
      const conflict = await user.pipe(owned('two'), 'apply', '--server-side', '--field-manager=second', '-f', '-').catch(String);
      expect(conflict).toContain('Apply failed with 1 conflict: conflict with "kubectl": .data.key');
      expect(await user.pipe(owned('two'), 'apply', '--server-side', '--field-manager=second', '--force-conflicts', '-f', '-')).toBe('configmap/owned serverside-applied');
      const managers = JSON.parse(await user.say('get', 'cm', 'owned', '--show-managed-fields', '-o', 'jsonpath={.metadata.managedFields}')) as { manager: string; fieldsV1: object }[];
      expect(managers.map(({ manager, fieldsV1 }) => [manager, fieldsV1])).toEqual([
        ['kubectl', { 'f:data': { 'f:other': {} } }],
        ['second', { 'f:data': { 'f:key': {} } }],
      ]);
      await user.pipe('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: owned\n', 'apply', '--server-side', '-f', '-');
      expect(JSON.parse(await user.say('get', 'cm', 'owned', '-o', 'jsonpath={.data}'))).toEqual({ key: 'two' });
    });

    it('moves an object from client-side to server-side apply', async () => {
      await user.pipe(settings('  a: "1"\n  gone: x\n'), 'apply', '-f', '-');
      expect(await user.pipe(settings('  a: "2"\n'), 'apply', '--server-side', '-f', '-')).toBe('configmap/settings serverside-applied');
      expect(JSON.parse(await user.say('get', 'cm', 'settings', '-o', 'jsonpath={.data}'))).toEqual({ a: '2' });
    });

    it('labels and annotates', async () => {
      expect(await user.say('label', 'cm', 'literal', 'tier=back')).toBe('configmap/literal labeled');
      expect(await user.fail('label', 'cm', 'literal', 'tier=front')).toContain("'tier' already has a value (back), and --overwrite is false");
      expect(await user.say('label', 'cm', 'literal', 'tier=front', '--overwrite')).toBe('configmap/literal labeled');
      expect(await user.say('label', 'cm', 'literal', 'tier-')).toBe('configmap/literal unlabeled');
      expect(await user.say('annotate', 'cm', 'literal', 'why=tour')).toBe('configmap/literal annotated');
      const bad = await user.fail('patch', 'cm', 'literal', '--type=merge', '-p', '{"metadata":{"labels":{"bad":"-"}}}');
      expect(bad).toContain(`metadata.labels: Invalid value: "-": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'`);
    });

    it('patches in three ways', async () => {
      const data = async (): Promise<unknown> => JSON.parse(await user.say('get', 'cm', 'literal', '-o', 'jsonpath={.data}'));
      expect(await user.say('patch', 'cm', 'literal', '--type=merge', '-p', '{"data":{"a":null,"m":"1"}}')).toBe('configmap/literal patched');
      expect(await data()).toEqual({ b: 'two', m: '1' });
      expect(await user.say('patch', 'cm', 'literal', '--type=json', '-p', '[{"op":"replace","path":"/data/m","value":"2"}]')).toBe('configmap/literal patched');
      expect(await data()).toEqual({ b: 'two', m: '2' });
      expect(await user.say('patch', 'cm', 'literal', '-p', '{"data":{"s":"3"}}')).toBe('configmap/literal patched');
      expect(await data()).toEqual({ b: 'two', m: '2', s: '3' });
      expect(await user.say('patch', 'cm', 'literal', '-p', '{"data":{"s":"3"}}')).toBe('configmap/literal patched (no change)');
      expect(await user.fail('patch', 'cm', 'literal', '--type=json', '-p', '[{"op":"remove","path":"/data/none"}]')).toContain('The request is invalid: the server rejected our request due to an error in our request');
    });

    it('edits with an editor', async () => {
      const editor = user.editor("sed -i 's/m: \"2\"/m: edited/' \"$1\"");
      const { stdout } = await user.run(['edit', 'cm', 'literal'], { env: { KUBE_EDITOR: editor } });
      expect(stdout).toBe('configmap/literal edited');
      expect(await user.say('get', 'cm', 'literal', '-o', 'jsonpath={.data.m}')).toBe('edited');
      const idle = await user.run(['edit', 'cm', 'literal'], { env: { KUBE_EDITOR: 'true' } });
      expect(`${idle.stdout}${idle.stderr}`).toContain('Edit cancelled, no changes made.');
    });

    it('replaces, also with a stale version', async () => {
      const stale = await user.say('get', 'cm', 'literal', '-o', 'json');
      expect(await user.pipe(stale.replace('edited', 'replaced'), 'replace', '-f', '-')).toBe('configmap/literal replaced');
      expect(await user.pipe(stale, 'replace', '-f', '-').catch(String)).toContain('Operation cannot be fulfilled on configmaps "literal": the object has been modified; please apply your changes to the latest version and try again');
      expect(await user.pipe(settings('  forced: "1"\n'), 'replace', '--force', '-f', '-')).toContain('configmap/settings replaced');
    });

    it('shows differences', async () => {
      const { exitCode, stdout } = await user.run(['diff', '-f', '-'], { input: settings('  forced: "2"\n') });
      expect(exitCode).toBe(1);
      expect(stdout).toContain('-  forced: "1"\n+  forced: "2"');
      const serverSide = await user.run(['diff', '--server-side', '--force-conflicts', '-f', '-'], { input: settings('  forced: "2"\n') });
      expect(serverSide).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('+  forced: "2"') as string });
      expect((await user.run(['diff', '-f', '-'], { input: settings('  forced: "1"\n') })).exitCode).toBe(0);
    });

    it('tries without doing', async () => {
      const trial = configMap({ name: 'trial' });
      expect(await user.pipe(trial, 'create', '--dry-run=server', '-f', '-')).toBe('configmap/trial created (server dry run)');
      expect(await user.pipe(trial, 'apply', '--dry-run=server', '-f', '-')).toBe('configmap/trial created (server dry run)');
      expect(await user.say('create', 'configmap', 'trial', '--dry-run=client', '-o', 'name')).toBe('configmap/trial');
      expect(await user.fail('get', 'cm', 'trial')).toContain('NotFound');
      expect(await user.say('delete', 'cm', 'settings', '--dry-run=server')).toContain('configmap "settings" deleted');
      expect(await user.say('get', 'cm', 'settings', '-o', 'name')).toBe('configmap/settings');
    });

    it('checks fields before and on the server', async () => {
      const wrong = configMap({ name: 'wrong' }, { dat: { a: 'b' } });
      expect(await user.pipe(wrong, 'create', '-f', '-').catch(String)).toContain('strict decoding error: unknown field "dat"');
      const warned = await user.run(['create', '--validate=warn', '-f', '-'], { input: wrong });
      expect(warned).toMatchObject({ exitCode: 0, stdout: 'configmap/wrong created', stderr: 'Warning: unknown field "dat"' });
      expect(await user.pipe(wrong, 'replace', '--validate=false', '-f', '-')).toBe('configmap/wrong replaced');
    });

    it('explains every kind', async () => {
      const explained = await user.say('explain', 'pod.spec.containers.livenessProbe');
      expect(explained).toMatch(/KIND:\s+Pod\nVERSION:\s+v1\n\nFIELD: livenessProbe <Probe>/);
      expect(explained).toMatch(/ {2}periodSeconds\t<integer>\n/);
      expect(await user.say('explain', 'pods', '--recursive')).toMatch(/ {4}containers\t<\[\]Container> -required-/);
      const kinds = (await user.say('api-resources', '--verbs=list', '-o', 'name')).split('\n');
      for (const kind of kinds) expect(await user.say('explain', kind.replace(/\..*/, ''))).toMatch(/DESCRIPTION:\n {4}\S/);
    });

    it('tells what is served', async () => {
      const table = rows(await user.say('api-resources'));
      expect(table[0]).toEqual(['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND']);
      expect(table).toContainEqual(['pods', 'po', 'v1', 'true', 'Pod']);
      expect(table).toContainEqual(['priorityclasses', 'pc', 'scheduling.k8s.io/v1', 'false', 'PriorityClass']);
      const versions = (await user.say('api-versions')).split('\n');
      expect(versions).toEqual(expect.arrayContaining(['coordination.k8s.io/v1', 'events.k8s.io/v1', 'v1']));
      expect(JSON.parse(await user.say('version', '-o', 'json'))).toMatchObject({ serverVersion: { major: '1', minor: '36' } });
      expect(await user.say('get', '--raw', '/readyz')).toBe('ok');
      expect(JSON.parse(await user.say('get', '--raw', `/api/v1/namespaces/${namespace}/pods/web`))).toMatchObject({ kind: 'Pod' });
    });

    it('asks who it is and what it may', async () => {
      expect(rows(await user.say('auth', 'whoami'))[0]).toEqual(['ATTRIBUTE', 'VALUE']);
      expect(await user.say('auth', 'can-i', 'create', 'pods')).toBe('yes');
      const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec: { user: 'nobody-in-particular', resourceAttributes: { verb: 'get', resource: 'pods' } } };
      expect(await user.pipe(JSON.stringify(review), 'create', '-f', '-', '-o', 'jsonpath={.status.allowed}')).toBe('false');
      const robot = `system:serviceaccount:${namespace}:robot`;
      const token = await user.say('create', 'token', 'robot');
      const asRobot = await user.run(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}', `--token=${token}`]);
      expect([robot, asRobot.exitCode === 0 ? asRobot.stdout : '']).toContain(robot);
    });

    it('shows events of both groups', async () => {
      const uid = await user.say('get', 'pod', 'web', '-o', 'jsonpath={.metadata.uid}');
      const event = {
        apiVersion: 'v1', kind: 'Event', metadata: { name: 'shown' }, involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'web', namespace, uid },
        reason: 'Toured', message: 'passing by', type: 'Normal', lastTimestamp: '2026-01-01T00:00:00Z',
      };
      await user.pipe(JSON.stringify(event), 'create', '-f', '-');
      expect(await user.say('events', '--for', 'pod/web')).toMatch(/Normal\s+Toured\s+Pod\/web\s+passing by/);
      expect(rows(await user.say('get', 'events', '--field-selector', 'reason=Toured'))[0]).toEqual(['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE']);
      expect(await user.say('get', 'events.v1.events.k8s.io', 'shown', '-o', 'jsonpath={.note} {.regarding.name}')).toBe('passing by web');
      expect(await user.say('describe', 'pod', 'web')).toMatch(/Events:[\s\S]*Toured/);
    });

    it('describes each kind', async () => {
      for (const what of ['pod/web', 'cm/literal', 'secret/hidden', 'sa/robot', `namespace/${namespace}`]) {
        expect(await user.say('describe', what)).toMatch(/^Name:\s+\S+/);
      }
      expect(await user.say('describe', 'secret', 'hidden')).toMatch(/password:\s+6 bytes/);
    });

    it('watches and waits', async () => {
      const watching = user.start(['get', 'cm', '-w', '--output-watch-events', '-o', 'custom-columns=T:.type,N:.object.metadata.name', '--watch-only']);
      let seen = '';
      watching.stdout?.on('data', (text) => (seen += String(text)));
      await expect.poll(async () => {
        await user.run(['annotate', 'cm', 'literal', `at=${Date.now()}`, '--overwrite']);
        return seen;
      }, { timeout: 30_000 }).toContain('MODIFIED');
      await user.say('create', 'configmap', 'seen');
      await user.say('delete', 'configmap', 'seen');
      await expect.poll(() => seen, { timeout: 30_000 }).toMatch(/ADDED\s+seen\n[\s\S]*DELETED\s+seen/);
      watching.kill('SIGINT');
      await watching;
      expect(await user.say('wait', '--for=jsonpath={.data.b}=two', 'cm/literal', '--timeout=30s')).toBe('configmap/literal condition met');
      expect(await user.fail('wait', '--for=condition=Never', 'pod/web', '--timeout=1s')).toContain('timed out waiting for the condition on pods/web');
    });

    it.runIf(podsRun)('waits for a pod to be ready, and for it to be gone', async () => {
      expect(await user.say('wait', '--for=condition=Ready', 'pod/web', '--timeout=90s')).toBe('pod/web condition met');
      expect(await user.say('get', 'pod', 'web', '-o', 'jsonpath={.status.phase} {.status.observedGeneration}')).toMatch(/^Running [1-9]/);
      expect(await user.say('logs', 'web')).toBe('started');
      const gone = user.start(['wait', '--for=delete', 'pod/web', '--timeout=90s']);
      await user.say('delete', 'pod', 'web');
      expect((await gone).stdout).toMatch(/pod\/web condition met/);
    });

    it('deletes: by name, by label, all, with what waits for it', async () => {
      expect(await user.say('delete', 'cm', 'literal')).toMatch(/^configmap "literal" deleted/);
      expect(await user.fail('delete', 'cm', 'literal')).toBe('Error from server (NotFound): configmaps "literal" not found');
      expect(await user.say('delete', 'cm', 'literal', '--ignore-not-found')).toBe('');
      await user.pipe(configMap({ name: 'held', finalizers: ['example.com/hold'] }), 'create', '-f', '-');
      await user.say('delete', 'cm', 'held', '--wait=false');
      expect(await user.say('get', 'cm', 'held', '-o', 'jsonpath={.metadata.deletionTimestamp}')).not.toBe('');
      await user.say('patch', 'cm', 'held', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
      expect(await user.fail('get', 'cm', 'held')).toContain('NotFound');
      expect(await user.say('delete', 'cm', '--all')).toContain('deleted');
    });

    it.runIf(podsRun)('deletes a namespace with all that is in it', async () => {
      await user.say('create', 'configmap', 'left');
      expect(await user.say('delete', 'namespace', namespace)).toContain('deleted');
      expect(await user.fail('get', 'namespace', namespace)).toContain('NotFound');
    });
  });
}
