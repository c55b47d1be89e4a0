import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CriError } from '@podling/cri';
import { describe, expect, it } from 'vitest';
import { Bench } from '../testing/bench.ts';

describe('crictl ps', () => {
  it('lists what runs, the newest first', async () => {
    const bench = await Bench.open();
    const pod = await bench.pod('web');
    const first = await bench.container(pod, 'web', 'first', { labels: { 'io.kubernetes.pod.name': 'web', 'io.kubernetes.pod.namespace': 'default' } });
    await bench.clock.advance(90_000);
    const second = await bench.container(pod, 'web', 'second');
    const [header, ...rows] = (await bench.run('ps', '--no-trunc')).split('\n');
    expect(header).toBe('CONTAINER           IMAGE                     CREATED                  STATE               NAME                ATTEMPT             POD ID              POD                 NAMESPACE');
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      [second, 'podling.local/toolbox:1', 'Less than a second ago', 'Running', 'second', '0', pod, 'unknown', 'unknown'],
      [first, 'podling.local/toolbox:1', 'About a minute ago', 'Running', 'first', '0', pod, 'web', 'default'],
    ]);
    expect(await bench.run('ps', '-q', '--latest')).toBe(second);
    expect(await bench.run('ps', '-q', '-n', '1')).toBe(second);
    expect(await bench.run('ps', '-q', '--name', '^f')).toBe(first);
    expect(await bench.run('ps', '-q', '--namespace', 'default')).toBe(first);
    expect(await bench.run('ps', '-q', '--image', 'podling.local/toolbox:1')).toBe(`${second}\n${first}`);
    expect(await bench.run('ps', '-q', '--image', 'podling.local/other:1')).toBe('');
    expect(await bench.run('ps', '-q', '--label', 'io.kubernetes.pod.name=web')).toBe(first);
  });

  it('shows others by state', async () => {
    const bench = await Bench.open();
    const id = await bench.container(await bench.pod('web'), 'web', 'main');
    bench.runtime.exitContainer(id, 3);
    expect(await bench.run('ps', '-q')).toBe('');
    expect(await bench.run('ps', '-aq')).toBe(id);
    expect(await bench.run('ps', '-q', '-s', 'exited')).toBe(id);
    expect((await bench.answer(['ps', '-s', 'odd'])).stderr).toContain('--state should be one of created, running, exited or unknown');
    expect((await bench.answer(['ps', '--label', 'odd'])).stderr).toContain('incorrectly specified label: odd');
  });

  it('prints documents with every field', async () => {
    const bench = await Bench.open();
    const id = await bench.container(await bench.pod('web'), 'web', 'main');
    const { containers } = JSON.parse(await bench.run('ps', '-o', 'json')) as { containers: object[] };
    expect(containers).toEqual([expect.objectContaining({ id, state: 'CONTAINER_RUNNING', metadata: { name: 'main', attempt: 0 }, labels: {} })]);
    expect(Object.keys(containers[0] ?? {})).toEqual(['id', 'podSandboxId', 'metadata', 'image', 'imageRef', 'state', 'createdAt', 'labels', 'annotations', 'imageId']);
    expect(await bench.run('ps', '-o', 'yaml')).toMatch(/^containers:\n- annotations: \{\}\n {2}createdAt: "/);
    expect((await bench.answer(['ps', '-o', 'go-template'])).stderr).toContain('unsupported output format \\"go-template\\": use json');
    expect(await bench.run('ps', '-v')).toMatch(new RegExp(`^ID: ${id}\nPodID: .*\nNamespace: unknown\nName: main\nAttempt: 0\nState: Running\nImage: podling.local/toolbox:1\nCreated: Less than a second ago\n`));
  });

  it('lets no name take over a terminal', async () => {
    const bench = await Bench.open();
    await bench.container(await bench.pod('web'), 'web', 'main', { labels: { 'io.kubernetes.pod.name': '\u001b]0;title\u0007' } });
    expect(await bench.run('ps')).toContain('^[]0;title^G');
    expect(await bench.run('ps', '-v')).toContain('^[]0;title^G');
  });
});

describe('crictl pods', () => {
  it('lists them, and tells all about each', async () => {
    const bench = await Bench.open();
    const [web, other] = [await bench.pod('web'), await bench.pod('other')];
    await bench.run('stopp', other);
    const rows = (await bench.run('pods', '--no-trunc')).split('\n').map((row) => row.split(/ {2,}/));
    expect(rows[0]).toEqual(['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME']);
    expect(rows).toContainEqual([other, 'Less than a second ago', 'NotReady', 'other', 'default', '0', '(default)']);
    expect(await bench.run('pods', '-q', '-s', 'ready')).toBe(web);
    expect(await bench.run('pods', '-q', '--label', 'app=other')).toBe(other);
    expect(await bench.run('pods', '-q', '--id', web)).toBe(web);
    expect(await bench.run('pods', '-v', '--name', 'web')).toMatch(new RegExp(`^ID: ${web}\nName: web\nUID: uid-web\nNamespace: default\nStatus: Ready\nCreated: \\d{4}-.*\nLabels:\n\tapp -> web\nRuntime: \\(default\\)\n`));
    expect(JSON.parse(await bench.run('pods', '-o', 'json'))).toMatchObject({ items: [{ state: expect.stringMatching(/^SANDBOX_/) as string }, {}] });
    expect((await bench.answer(['pods', '-s', 'odd'])).stderr).toContain('--state should be ready or notready');
  });
});

describe('crictl inspect', () => {
  it('tells the status of containers with times as people read them', async () => {
    const bench = await Bench.open();
    const id = await bench.container(await bench.pod('web'), 'web', 'main');
    const running = JSON.parse(await bench.run('inspect', id)) as { status: Record<string, unknown>; info: unknown };
    expect(running.status).toMatchObject({ id, state: 'CONTAINER_RUNNING', finishedAt: '0001-01-01T00:00:00Z', createdAt: new Date(bench.clock.now()).toISOString().replace('.000Z', 'Z') });
    expect(running.info).toMatchObject({ info: { pid: expect.any(Number) as number } }.info);
    bench.runtime.exitContainer(id, 3);
    const both = JSON.parse(await bench.run('inspect', '-q', id, id)) as { status: { exitCode: number; finishedAt: string } }[];
    expect(both.map(({ status }) => [status.exitCode, status.finishedAt.startsWith('0001')])).toEqual([[3, false], [3, false]]);
    expect(await bench.run('inspect', '-o', 'table', id)).toMatch(/^ID: .*\nName: main\nState: CONTAINER_EXITED\nCreated: .* ago\nStarted: .* ago\nFinished: .* ago\nExit Code: 3\nInfo: map\[info:/);
    expect(JSON.parse(await bench.run('inspect', '-a', '--name', 'main'))).toMatchObject({ status: { id } });
    expect((await bench.answer(['inspect', '--name', 'none'])).stderr).toContain('No IDs provided or nothing found per filter');
  });

  it('says what the runtime says of one that is not there', async () => {
    const bench = await Bench.open();
    expect((await bench.answer(['inspect', 'nope'])).stderr).toContain('get the status of containers: get container status: rpc error: code = NotFound desc = container nope not found');
    expect((await bench.answer(['inspectp', 'nope'])).stderr).toContain('rpc error: code = NotFound desc = sandbox nope not found');
    expect((await bench.answer(['inspecti', 'nope'])).stderr).toContain('no such image \\"nope\\" present');
  });

  it('tells the status of pods and images', async () => {
    const bench = await Bench.open();
    const pod = await bench.pod('web');
    expect(JSON.parse(await bench.run('inspectp', pod))).toMatchObject({ status: { id: pod, network: { ip: '10.88.0.2' }, state: 'SANDBOX_READY' } });
    expect(await bench.run('inspectp', '-o', 'table', pod)).toContain('IP Addresses: 10.88.0.2\n');
    expect(await bench.run('inspectp', '-o', 'yaml', '--latest')).toContain('ip: 10.88.0.2');
    expect(JSON.parse(await bench.run('inspecti', 'podling.local/toolbox:1'))).toMatchObject({ status: { repoTags: ['podling.local/toolbox:1'] } });
    expect(await bench.run('inspecti', '-o', 'table', 'podling.local/toolbox:1')).toMatch(/^ID: sha256:.*\nTag: podling.local\/toolbox:1\nSize: 1\.05MB\n/);
  });
});

describe('crictl run and its parts', () => {
  it('runs a container from two files in one go', async () => {
    const bench = await Bench.open();
    const container = await bench.file('container.yaml', 'metadata:\n  name: main\nimage:\n  image: podling.local/toolbox:1\nlinux:\n  resources:\n    memory_limit_in_bytes: 1048576\n');
    const pod = await bench.file('pod.yaml', 'metadata: { name: web, namespace: default }\nport_mappings:\n- container_port: 80\n  host_port: 8080\n  protocol: TCP\n');
    const id = await bench.run('run', container, pod);
    expect(await bench.runtime.containerStatus(id)).toMatchObject({ state: 'CONTAINER_RUNNING', resources: { memoryLimitBytes: 1_048_576 } });
    const [sandbox] = await bench.runtime.listPodSandboxes();
    expect(sandbox?.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('pulls first where it is told to', async () => {
    const bench = await Bench.open({ images: [] });
    const files = [await bench.file('c.json', { metadata: { name: 'main' }, image: { image: 'podling.local/new:1' } }), await bench.podFile('web')] as const;
    const pod = await bench.pod('web');
    expect((await bench.answer(['create', pod, ...files])).stderr).toContain('code = NotFound');
    const pulled = await bench.answer(['create', '--with-pull', pod, ...files]);
    expect(pulled).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('level=info msg="Pulling container image: podling.local/new:1"') as string });
    expect((await bench.answer(['create', '--with-pull', '--no-pull', pod, ...files])).stderr).toContain('conflict: no-pull and with-pull are both set');
  });

  it('stops and removes, and says what it did', async () => {
    const bench = await Bench.open();
    const pod = await bench.pod('web');
    const id = await bench.container(pod, 'web', 'main');
    await mkdir(join(bench.folder, 'main'));
    for (const name of ['0.log', '0.log.20260101-000000', 'kept']) await writeFile(join(bench.folder, 'main', name), '');
    expect((await bench.answer(['rm', id])).stderr).toContain(`container \\"${id}\\" is running, please stop it first`);
    expect(await bench.run('stop', '-t', '0', id)).toBe(id);
    expect(await bench.run('stop', '--all')).toBe('No running containers found.');
    expect(await bench.run('rm', id)).toBe(id);
    expect(await readdir(join(bench.folder, 'main'))).toEqual(['kept']);
    expect((await bench.answer(['rmp', pod])).stderr).toContain(`pod sandbox \\"${pod}\\" is running, please stop it first`);
    expect(await bench.run('rmp', '-f', pod)).toBe(`Stopped sandbox ${pod}\nRemoved sandbox ${pod}`);
    expect(await bench.answer(['rmp', '-a'])).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('No pods to remove') as string });
    expect((await bench.answer(['stop'])).exitCode).toBe(1);
  });

  it('tells every failure when it was asked for several', async () => {
    const bench = await Bench.open();
    const id = await bench.container(await bench.pod('web'), 'web', 'main');
    const { exitCode, stdout, stderr } = await bench.answer(['rm', '-f', 'one', id, 'two']);
    expect([exitCode, stdout]).toEqual([1, `${id}\n${id}\n`]);
    expect(stderr).toMatch(/container one not found.*container two not found/);
  });

  it('changes limits of one that runs', async () => {
    const bench = await Bench.open();
    const id = await bench.container(await bench.pod('web'), 'web', 'main');
    expect(await bench.run('update', '--memory', '2097152', '--cpu-quota', '50000', id)).toBe(id);
    expect((await bench.runtime.containerStatus(id)).resources).toMatchObject({ memoryLimitBytes: 2_097_152, cpuQuota: 50_000 });
    expect((await bench.answer(['update', '--memory', 'much', id])).stderr).toContain('it is no whole number');
  });

  it('ends with the exit code of what it runs', async () => {
    const bench = await Bench.open({ behaviour: () => ({ exec: ([program]) => (program === 'false' ? { exitCode: 3, stdout: 'out\n', stderr: 'err\n' } : { stdout: 'fine\n' }) }) });
    const id = await bench.container(await bench.pod('web'), 'web', 'main');
    expect(await bench.answer(['exec', id, 'true'])).toEqual({ exitCode: 0, stdout: 'fine\n', stderr: '' });
    for (const flags of [[], ['-s']]) {
      expect(await bench.answer(['exec', ...flags, id, 'false'])).toMatchObject({ exitCode: 3, stdout: 'out\n', stderr: expect.stringMatching(/^err\n.*command terminated with exit code 3/) as string });
    }
    expect(await bench.answer(['exec', '--name', 'main', 'true', '-l'])).toMatchObject({ exitCode: 0, stdout: `${id}:\nfine\n` });
    expect(await bench.answer(['exec', '-e', '-q', id, 'false'])).toMatchObject({ exitCode: 0 });
    expect((await bench.answer(['exec', '-it', id, 'sh'])).stderr).toContain('input is not a terminal');
    expect((await bench.answer(['exec', '-t', id, 'sh'])).stderr).toContain('tty=true must be specified with interactive=true');
    expect((await bench.answer(['exec', id])).exitCode).toBe(1);
    expect((await bench.answer(['exec', '--transport', 'websocket', id, 'true'])).stderr).toContain('use spdy');
  });

  it('says what is wrong with a runtime that refuses', async () => {
    const bench = await Bench.open();
    bench.runtime.failNext('runPodSandbox', new CriError('NetworkError', 'no addresses left'));
    expect((await bench.answer(['runp', await bench.podFile('web')])).stderr).toContain('run pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: no addresses left');
  });
});

describe('crictl runtime-config', () => {
  it('tells the cgroup driver', async () => {
    expect(await (await Bench.open()).run('runtime-config')).toMatch(/^cgroup driver: {3}(CGROUPFS|SYSTEMD)$/);
  });
});

describe('crictl stats', () => {
  it('shows what is used, CPU over a while', async () => {
    const bench = await Bench.open();
    const id = await bench.container(await bench.pod('web'), 'web', 'main');
    bench.runtime.setStats(id, { cpuUsageNanoSeconds: 1_000_000_000n, memoryUsageBytes: 1_500_000 });
    const shown = await bench.answer(['stats', '-s', '2'], async () => {
      await expect.poll(() => bench.clock.pendingTimers, { timeout: 10_000 }).toBe(1);
      bench.runtime.setStats(id, { cpuUsageNanoSeconds: 2_000_000_000n, memoryUsageBytes: 1_500_000 });
      await bench.clock.advance(2_000);
    });
    expect(shown.stdout.split('\n')[1]?.split(/ {2,}/)).toEqual([id.slice(0, 13), 'main', '50.00', '1.5MB', '0B', '0', '0B']);
    expect(JSON.parse(await bench.run('stats', '-o', 'json'))).toMatchObject({ stats: [{ attributes: { id }, cpu: { usageCoreNanoSeconds: { value: '2000000000' } } }] });
    expect(JSON.parse(await bench.run('statsp', '-o', 'json'))).toMatchObject({ stats: [{ attributes: { metadata: { name: 'web' } } }] });
  });
});
