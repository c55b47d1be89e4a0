import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createContainerdRuntime } from '@podling/cri/containerd';
import { openAuthority } from '@podling/deploy/pki';
import { createLogger } from '@podling/shared/util';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startContainerdNode } from '../harness/containerd-node.ts';
import type { ContainerdNode } from '../harness/containerd-node.ts';
import { Crictl } from '../harness/crictl.ts';
import { eventually } from '../harness/eventually.ts';
import { buildNodeImages } from '../harness/node-images.ts';
import type { NodeImages } from '../harness/node-images.ts';
import { busyboxArchive, startRegistry } from '../harness/registry.ts';

const tcpPort = 2377;
const webServer = ['sh', '-c', 'echo hello; echo oops >&2; mkdir -p /tmp/www; echo page > /tmp/www/index.html; exec httpd -f -p 80 -h /tmp/www'];

let images: NodeImages;
let folder: string;

beforeAll(async () => {
  images = await buildNodeImages();
  folder = await mkdtemp(join(tmpdir(), 'podling-crictl-'));
});
afterAll(async () => {
  await images.remove();
  await rm(folder, { recursive: true });
});

interface Ground {
  node: ContainerdNode;
  crictl: Crictl;
}

async function nativeGround(): Promise<Ground> {
  const node = await startContainerdNode({ archives: images.archives });
  return { node, crictl: await Crictl.native(node, images.pause) };
}

const pairOf = (name: string) => ({ cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) });

async function remoteGround(): Promise<Ground> {
  const authority = await openAuthority(folder, 'ca', 'crictl-ca');
  await authority.ensure(pairOf('server'), { commonName: 'containerd', usages: ['server'], dnsNames: ['containerd'] });
  await authority.ensure(pairOf('client'), { commonName: 'crictl', usages: ['client'] });
  const { cert: certFile, key: keyFile } = pairOf('server');
  const tcp = { address: `0.0.0.0:${tcpPort}`, certFile, keyFile, clientCaFile: authority.certFile };
  const node = await startContainerdNode({ archives: images.archives, cri: { pauseImage: images.pause, tcp } });
  return { node, crictl: await Crictl.remote(node) };
}

/** A page of the pod's server. */
function page(host: string, port: number): Promise<string> {
  return eventually('the pod serves', async () => {
    const socket = connect(port, host);
    socket.write('GET /index.html HTTP/1.0\r\n\r\n');
    return (await text(socket)).split('\r\n\r\n')[1];
  }, { timeoutMs: 10_000 }) as Promise<string>;
}

describe.each([['nerdctl and containerd', nativeGround], ['a CRI runtime', remoteGround]])('crictl on %s', (runtime, start) => {
  let node: ContainerdNode;
  let crictl: Crictl;
  let pod: string;
  let container: string;

  const write = async (name: string, content: string): Promise<string> => {
    await writeFile(join(node.folder, name), content);
    return join(node.folder, name);
  };
  const podFile = (name: string, hostPort: number): Promise<string> => write(`${name}.json`, JSON.stringify({
    metadata: { name, namespace: 'hand', attempt: 1, uid: `uid-${name}` }, hostname: name, log_directory: join(node.folder, 'logs', name), labels: { app: name },
    port_mappings: [{ protocol: 0, container_port: 80, host_port: hostPort }], linux: { cgroup_parent: node.cgroupParent },
  }));
  const containerFile = (): Promise<string> => write('web.yaml', `metadata: { name: web }\nimage: { image: "${images.toolbox}" }\nlog_path: web/0.log\ncommand: ${JSON.stringify(webServer)}\nlinux: { resources: { memory_limit_in_bytes: 67108864 } }\n`);

  beforeAll(async () => {
    ({ node, crictl } = await start());
  });
  afterAll(async () => {
    await crictl?.answer(['rmp', '-a', '-f']);
    await node?.stop();
  });

  it('[B4] makes a pod by hand: runp, create, start, ps, inspect, curl', async () => {
    const files = [await containerFile(), await podFile('first', 0)] as const;
    pod = await crictl.run('runp', files[1]);
    container = await crictl.run('create', pod, ...files);
    expect(await crictl.run('ps')).not.toContain(container.slice(0, 13));
    expect((await crictl.run('ps', '-a')).split('\n')[1]).toMatch(new RegExp(`^${container.slice(0, 13)} +podling\\.local/toolbox:1 +.* ago +Created +web +0 +${pod.slice(0, 13)} +unknown +unknown$`));
    expect(await crictl.run('start', container.slice(0, 13))).toBe(container.slice(0, 13));
    expect(await crictl.run('ps', '--state', 'running', '--pod', pod.slice(0, 8), '-q')).toBe(container);
    const { status, info } = JSON.parse(await crictl.run('inspectp', pod)) as { status: { network: { ip: string }; createdAt: string }; info: { pid: number } };
    expect(await page(status.network.ip, 80)).toBe('page\n');
    expect([Date.now() - Date.parse(status.createdAt) < 600_000, info.pid > 1]).toEqual([true, true]);
    expect(JSON.parse(await crictl.run('inspect', container))).toMatchObject({ status: { state: 'CONTAINER_RUNNING', metadata: { name: 'web', attempt: 0 }, finishedAt: '0001-01-01T00:00:00Z', resources: { linux: { memoryLimitInBytes: '67108864' } } } });
    const logs = await crictl.answer(['logs', container]);
    expect(logs).toEqual({ exitCode: 0, stdout: 'hello\n', stderr: 'oops\n' });
    expect((await crictl.run('pods', '--name', '^first$')).split('\n')[1]).toMatch(/ Ready +first +hand +1 +\(default\)$/);
    expect((await crictl.run('stats', '-o', 'json', container))).toContain('usageCoreNanoSeconds');
    expect((await crictl.run('statsp', '-s', '0')).split('\n')[1]).toMatch(/^first +[0-9a-f]{13} +\d+\.\d\d +[\d.]+k?M?B$/);
    expect(await crictl.run('update', '--memory', '134217728', container)).toBe(container);
    expect(await crictl.run('inspect', container)).toContain('"memoryLimitInBytes": "134217728"');
  });

  it('[B4] tells the state of the runtime', async () => {
    expect(JSON.parse(await crictl.run('info'))).toMatchObject({ status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'RuntimeReady', status: true }), expect.objectContaining({ type: 'NetworkReady', status: true })]) as object[] } });
    expect(JSON.parse(await crictl.run('imagefsinfo'))).toMatchObject({ status: { imageFilesystems: [{ usedBytes: { value: expect.stringMatching(/^\d+$/) as string } }] } });
    const { stdout, stderr } = await crictl.answer(['runtime-config']);
    if (runtime === 'a CRI runtime') expect(stderr).toContain('get runtime config: call RuntimeConfig RPC: rpc error: code = Unimplemented');
    else expect(stdout).toMatch(/^cgroup driver: {3}(CGROUPFS|SYSTEMD)\n$/);
  });

  it('[C2] runs commands in it, with a terminal too, and ends with their exit code', async () => {
    expect(await crictl.answer(['exec', container, 'sh', '-c', 'echo out; echo err >&2; exit 3'])).toMatchObject({ exitCode: 3, stdout: 'out\n', stderr: expect.stringMatching(/^err\n.*command terminated with exit code 3/) as string });
    expect((await crictl.answer(['exec', '-i', container, 'sha256sum'], async (io) => void io.stdin.end('hello\n'))).stdout).toMatch(/^5891b5b5/);
    expect(await crictl.answer(['exec', container, '/no/such'])).toMatchObject({ exitCode: expect.toSatisfy((code: number) => code !== 0) as number, stderr: expect.stringContaining('/no/such') as string });
    const resized = join(node.folder, 'resized');
    const shell = `stty cols 101 rows 37; (until [ -e ${resized} ]; do sleep 0.05; done; stty cols 90 rows 30 </dev/tty) & exec ${crictl.command.join(' ')} exec -it ${container} sh -c 'trap "echo caught; exit 7" INT; while :; do stty size; sleep 0.05; done'`;
    const typed = execa('script', ['-qec', shell, '/dev/null'], { env: { CRI_CONFIG_FILE: crictl.configFile }, reject: false });
    let screen = '';
    typed.stdout.on('data', (chunk: Buffer) => void (screen += chunk.toString()));
    await eventually('the command sees our terminal', () => screen.includes('37 101'), { timeoutMs: 20_000 });
    await writeFile(resized, '');
    await eventually('the command sees that it has changed', () => screen.includes('30 90'), { timeoutMs: 20_000 });
    typed.stdin.write('\u0003');
    const { exitCode } = await typed;
    expect([exitCode, screen.includes('caught')]).toEqual([7, true]);
  });

  it('[C2] forwards a port, and attaches to what is said from now on', async () => {
    await crictl.answer(['port-forward', pod, ':80'], async (io) => {
      const port = await eventually('it listens', () => /^Forwarding from 127\.0\.0\.1:(\d+) -> 80$/m.exec(io.stdout)?.[1]);
      expect(await page('127.0.0.1', Number(port))).toBe('page\n');
      io.interrupt();
    });
    const [echo, file] = [await write('echo.yaml', `metadata: { name: echo }\nimage: { image: "${images.toolbox}" }\ncommand: [cat]\nstdin: true\nstdin_once: true\n`), await podFile('first', 0)];
    const id = await crictl.run('create', pod, echo, file);
    await crictl.run('start', id);
    const answer = await crictl.answer(['attach', '-i', id], async (io) => void io.stdin.end('said\n'));
    expect(answer).toEqual({ exitCode: 0, stdout: 'said\n', stderr: '' });
    await crictl.run('rm', '-f', id);
  });

  it('[B3] prints what happens to containers, also after the runtime was away', async () => {
    const events: string[] = [];
    const startedMs = Date.now();
    await crictl.answer(['events', '-o', 'line', '--name', '^second'], async (io) => {
      const lines = (): string[] => io.stdout.trimEnd().split('\n').filter((line) => line !== '');
      await eventually('the events are followed', async () => {
        await crictl.run('runp', await podFile(`second-${lines().length}-${events.length}`, 0));
        events.push('one more');
        return lines().length > 0;
      }, { timeoutMs: 20_000 });
      await node.killContainerd();
      await node.startContainerd();
      const before = lines().length;
      await eventually('there are events again', async () => {
        const words = [await containerFile(), await podFile(`second-after-${events.push('one more')}`, 0)] as const;
        const id = await crictl.answer(['run', '--no-pull', ...words]);
        if (id.exitCode === 0) await crictl.run('rm', '-f', id.stdout.trim());
        return ['STOPPED', 'DELETED'].every((what) => lines().slice(before).some((line) => line.includes(`CONTAINER_${what}_EVENT`)));
      }, { timeoutMs: 30_000 });
      io.interrupt();
      const types = new Set(lines().map((line) => line.split(' ')[1]));
      expect([...types]).toEqual(expect.arrayContaining(['CREATED', 'STARTED', 'STOPPED', 'DELETED'].map((what) => `CONTAINER_${what}_EVENT`)));
      for (const line of lines()) {
        expect(line).toMatch(/^\S+ CONTAINER_[A-Z]+_EVENT [0-9a-f]{64} hand\/second\S*( web=\w+(\(\d+\))?)?$/);
        expect(Date.parse(line.split(' ')[0] ?? '')).toSatisfy((ms: number) => ms > startedMs - 1_000 && ms < Date.now() + 1_000);
      }
    });
  });

  it('[C1] runs a container from two YAML files, with port mappings and logs', async () => {
    const yaml = await write('third.yaml', `metadata: { name: third, namespace: hand }\nlog_directory: ${join(node.folder, 'logs/third')}\nport_mappings:\n- { container_port: 80, host_port: 18089 }\nlinux: { cgroup_parent: ${node.cgroupParent} }\n`);
    const id = await crictl.run('run', '--no-pull', await containerFile(), yaml);
    expect(await page(node.nodeIp, 18_089)).toBe('page\n');
    expect(await readFile(join(node.folder, 'logs/third/web/0.log'), 'utf8')).toMatch(/ stdout F hello\n/);
    expect((await crictl.answer(['rm', id])).stderr).toContain('is running, please stop it first');
    await crictl.run('rm', '-f', id);
    expect(await readdir(join(node.folder, 'logs/third/web'))).toEqual([]);
  });

  it('[B4] [D2] pulls with progress what was pushed, and removes it', async () => {
    const registry = await startRegistry({ folder: join(node.folder, 'registry'), ip: '127.0.0.1', enter: node.enter });
    try {
      const name = `${registry.host}/tools/big:1`;
      await crictl.run('image', 'import', await busyboxArchive(node.folder, name, 8 * 1024 * 1024));
      expect(await crictl.program('image', 'push', name)).toMatchObject({ exitCode: 0 });
      expect((await crictl.run('rmi', name))).toBe(`Deleted: ${name}`);
      const pulled = await crictl.program('pull', '--progress', 'plain', name);
      expect(pulled).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Image is up to date for \S*sha256:[0-9a-f]{64}$/) as string });
      expect(pulled.stderr).toMatch(new RegExp(`^${name}: pulling\n(${name}: \\S*sha256:[0-9a-f]{64}: (fetching|done).*\n?)+$`));
      expect(JSON.parse(await crictl.run('inspecti', name))).toMatchObject({ status: { repoTags: [name] } });
      expect((await crictl.program('pull', `${registry.host}/no/such:1`)).stderr).toMatch(/level=fatal msg="pulling image: rpc error: .*not found/);
      await crictl.run('rmi', name);
    } finally {
      await registry.stop();
    }
  });

  it('[D2] does by hand what containerd can: namespaces, images, content, tasks', async () => {
    expect(await crictl.run('namespaces', '-q')).toContain(node.namespace);
    expect(await crictl.run('namespaces', 'create', 'by-hand', 'made=today')).toBe('by-hand');
    expect(await crictl.run('namespaces')).toMatch(/^by-hand +made=today$/m);
    expect(await crictl.run('namespaces', 'rm', 'by-hand')).toBe('by-hand');
    expect(await crictl.run('plugins')).toMatch(/^io\.containerd\.snapshotter\.v1 +overlayfs +linux\/amd64 +ok$/m);
    expect(await crictl.run('image', 'tag', images.toolbox, 'podling.local/toolbox:hand')).toBe('podling.local/toolbox:hand');
    expect(await crictl.run('image', 'label', 'podling.local/toolbox:hand', 'by=hand')).toContain('by=hand');
    expect(await crictl.run('image', 'check', 'podling.local/toolbox:hand')).toMatch(/ complete \(2\/2\) .* true$/);
    const archive = join(node.folder, 'out.tar');
    await crictl.run('image', 'export', archive, 'podling.local/toolbox:hand');
    await crictl.run('image', 'tag', '--remove', 'podling.local/toolbox:hand');
    expect(await crictl.run('images')).not.toMatch(/toolbox +hand/);
    await crictl.run('image', 'import', archive);
    expect(await crictl.run('images')).toMatch(/^podling\.local\/toolbox +hand /m);
    const mounted = await crictl.run('image', 'mount', images.accounts, join(node.folder, 'mounted'));
    expect(await readdir(mounted)).toContain('etc');
    await expect(writeFile(join(mounted, 'file'), '')).rejects.toThrow(/read-only/);
    await crictl.run('image', 'unmount', mounted);
    expect(await readdir(mounted)).toEqual([]);
    const [digest = ''] = (await crictl.run('content', 'ls', '-q')).split('\n');
    const { stdout } = await crictl.answer(['content', 'get', digest]);
    expect(stdout.length).toBeGreaterThan(0);
    await crictl.run('pause', container);
    expect((await node.ctr('tasks', 'list')).split('\n').find((line) => line.startsWith(container))).toMatch(/PAUSED/);
    await crictl.run('resume', container);
    expect(await crictl.run('tasks', 'ps', container)).toMatch(/^\d+ +httpd -f -p 80/m);
    expect(await crictl.run('metrics', container)).toMatch(/^memory\.limit_bytes +134217728$/m);
  });

  if (runtime === 'a CRI runtime') {
    it('[C1] [C3] speaks to it over TCP with TLS as well', async () => {
      const { cert, key } = pairOf('client');
      const tls = ['--endpoint-tls-ca-file', join(folder, 'ca.crt'), '--endpoint-tls-cert-file', cert, '--endpoint-tls-private-key-file', key, '--endpoint-tls-server-name', 'containerd'];
      const endpoint = `tcp://${node.nodeIp}:${tcpPort}`;
      expect(await crictl.run('-r', endpoint, ...tls, 'version')).toMatch(/RuntimeName: {2}containerd\n/);
      expect(await crictl.run('-r', endpoint, ...tls, 'ps', '-q')).toContain(container);
      expect(await crictl.program('-r', endpoint, ...tls, 'exec', container, 'echo', 'said')).toMatchObject({ exitCode: 0, stdout: 'said' });
      expect((await crictl.answer(['-r', endpoint, 'ps'])).stderr).toContain('over the network it takes TLS');
    });
  }

  if (runtime !== 'a CRI runtime') {
    it.each(['SIGHUP', 'SIGKILL'] as const)('leaves no command in a container when it ends by %s', async (signal) => {
      const running = async (): Promise<boolean> => (await crictl.run('tasks', 'ps', container)).includes('sleep 7654321');
      const client = crictl.program('exec', container, 'sleep', '7654321');
      await eventually('the command runs', running);
      client.kill(signal);
      expect((await client).stdout).toBe('');
      await eventually('the command has ended', async () => !(await running()));
      expect(await readdir(join(node.stateDir, 'visitors'))).toEqual([]);
    });
  }

  it('[B4] ends and removes all of it', async () => {
    expect(await crictl.run('stop', container)).toBe(container);
    expect((await crictl.run('ps', '-a')).split('\n').find((line) => line.startsWith(container.slice(0, 13)))).toContain(' Exited ');
    expect(await crictl.run('rm', container)).toBe(container);
    expect((await crictl.answer(['rmp', pod])).stderr).toContain('is running, please stop it first');
    expect(await crictl.run('stopp', pod)).toBe(`Stopped sandbox ${pod}`);
    expect(await crictl.run('pods', '-q', '--state', 'notready')).toContain(pod);
    expect((await crictl.run('rmp', '-a', '-f')).split('\n')).toContain(`Removed sandbox ${pod}`);
    expect(await crictl.run('pods', '-q')).toBe('');
  });

  if (runtime !== 'a CRI runtime') {
    it("leaves alone what the owner of the pods is making, and shows what he has made", async () => {
      const owner = createContainerdRuntime({ ...node, pauseImage: images.pause, logger: createLogger('test', 'silent') });
      try {
        const config = { metadata: { name: 'owned', namespace: 'hand', uid: 'owned', attempt: 0 }, hostname: 'owned', logDirectory: '', portMappings: [], labels: {}, annotations: {}, cgroupParent: node.cgroupParent };
        const [id] = await Promise.all([owner.runPodSandbox(config), ...Array.from({ length: 4 }, () => crictl.run('pods'))]);
        expect(await crictl.run('pods', '-q', '--name', 'owned')).toBe(id);
        await crictl.run('stopp', id);
        expect(await owner.podSandboxStatus(id)).toMatchObject({ state: 'SANDBOX_NOTREADY' });
        await owner.removePodSandbox(id);
        expect(await crictl.run('pods', '-q')).toBe('');
        expect(await readdir(join(node.stateDir, 'visitors'))).toEqual([]);
      } finally {
        await owner.close();
      }
    });
  }
});
