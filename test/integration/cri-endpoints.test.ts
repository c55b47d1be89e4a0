import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkContainerdConfig, readMachineLimits } from '@podling/cri/containerd-config';
import { checkEndpoint, createRemoteRuntime, findEndpoint } from '@podling/cri/remote';
import { openAuthority } from '@podling/deploy/pki';
import { createLogger } from '@podling/shared/util';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startContainerdNode } from '../harness/containerd-node.ts';
import type { ContainerdNode } from '../harness/containerd-node.ts';
import { eventually } from '../harness/eventually.ts';
import { InProcessCluster } from '../harness/in-process-cluster.ts';
import { buildNodeImages } from '../harness/node-images.ts';
import type { NodeImages } from '../harness/node-images.ts';

const port = 2376;
let folder: string;
let images: NodeImages;

const pairOf = (name: string) => ({ cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'podling-endpoints-'));
  images = await buildNodeImages();
});

afterAll(async () => {
  await images.remove();
  await rm(folder, { recursive: true });
});

describe('containerd as it is configured here', () => {
  let node: ContainerdNode;
  const tls = () => ({ caFile: join(folder, 'ca.crt'), certFile: pairOf('client').cert, keyFile: pairOf('client').key, serverName: 'containerd' });
  const unix = (): string => `unix://${node.address}`;
  const tcp = (): string => `tcp://${node.nodeIp}:${port}`;

  beforeAll(async () => {
    const authority = await openAuthority(folder, 'ca', 'containerd-ca');
    await authority.ensure(pairOf('server'), { commonName: 'containerd', usages: ['server'], dnsNames: ['containerd'] });
    await authority.ensure(pairOf('client'), { commonName: 'kubelet', usages: ['client'] });
    const { cert: certFile, key: keyFile } = pairOf('server');
    node = await startContainerdNode({ archives: images.archives, cri: { pauseImage: images.pause, tcp: { address: `0.0.0.0:${port}`, certFile, keyFile, clientCaFile: authority.certFile } } });
  });
  afterAll(() => node.stop());

  it('[B1] serves CRI on its socket and over TCP, there to those who show a certificate', async () => {
    const runtime = { runtimeName: 'containerd', runtimeVersion: expect.stringMatching(/^v?1\.7\./) as string, runtimeApiVersion: 'v1' };
    expect(await checkEndpoint(unix())).toEqual(runtime);
    expect(await checkEndpoint(tcp(), tls())).toEqual(runtime);
    await expect(checkEndpoint(tcp(), { caFile: tls().caFile, serverName: 'containerd' })).rejects.toThrow(/name the endpoint of a CRI runtime, with its TLS files/);
    await expect(checkEndpoint(tcp())).rejects.toThrow(/over the network it takes TLS/);
  });

  it('[B1] has a file in which the check finds nothing, and one that switches CRI off is explained', async () => {
    const text = await readFile(join(node.folder, 'config.toml'), 'utf8');
    const ground = { exists: () => true, entries: () => ['loopback', '10.conflist'], limits: readMachineLimits(), cgroupDriver: 'cgroupfs' as const };
    expect(checkContainerdConfig(text, ground)).toEqual([]);
    const off = checkContainerdConfig(text.replace('disabled_plugins = [ ', 'disabled_plugins = [ "io.containerd.grpc.v1.cri", '), ground);
    expect(off.map(({ at, severity }) => [at, severity])).toEqual([['disabled_plugins', 'error']]);
  });

  it('[C3] is found among the well-known endpoints, with a warning that says which it is', async () => {
    const found = await findEndpoint('--container-runtime-endpoint', [`unix://${folder}/absent.sock`, `unix://${folder}/ca.crt`, unix()]);
    expect(found.endpoint).toBe(unix());
    expect(found.warning).toMatch(new RegExp(`using ${unix()} \\(containerd v?1\\.7\\.\\d+\\).*set --container-runtime-endpoint to choose`));
  });
});

describe('an endpoint that is none', () => {
  const servers: Server[] = [];
  const listening = async (name: string): Promise<string> => {
    const server = createServer((socket) => void socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(join(folder, name), resolve));
    servers.push(server);
    return join(folder, name);
  };
  afterAll(() => servers.forEach((server) => server.close()));

  it.each<[string, () => Promise<string> | string, RegExp]>([
    ['not there', () => `unix://${folder}/none.sock`, /there is no such socket: start the container runtime/],
    ['without a scheme', () => 'containerd.sock', /it is neither unix:\/\/\/PATH nor tcp:\/\/HOST:PORT/],
    ['a file', async () => {
      await writeFile(join(folder, 'file'), '');
      return join(folder, 'file');
    }, /this is no socket but a file: name the socket/],
    ['a folder', () => folder, /this is no socket but a folder/],
    ['another protocol', () => listening('http.sock'), /it does not speak gRPC as expected|it does not answer/],
    ['a port where nobody listens', () => 'tcp://127.0.0.1:1', /connection refused: nobody listens there/],
  ])('[D5] is explained when it is %s', async (_, endpoint, message) => {
    await expect(checkEndpoint(await endpoint())).rejects.toThrow(message);
  });

  it('[D5] is explained when containerd is there with CRI off, as some packages ship it', async () => {
    const node = await startContainerdNode({ archives: [] });
    try {
      await expect(checkEndpoint(node.address)).rejects.toThrow(/containerd with its CRI plugin off: take "cri" out of disabled_plugins/);
      await expect(findEndpoint('--x', [`unix://${folder}/none.sock`, `unix://${node.address}`])).rejects.toThrow(/none\.sock: there is no such socket[^]*CRI plugin off/);
    } finally {
      await node.stop();
    }
  });
});

describe('a containerd that is older than container events', () => {
  let node: ContainerdNode;
  let cluster: InProcessCluster;
  const warnings: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void warnings.push((JSON.parse(line) as { msg: string }).msg) });

  beforeAll(async () => {
    node = await startContainerdNode({ archives: images.archives, cri: { pauseImage: images.pause, containerd: 'old' } });
    cluster = await InProcessCluster.start();
    await cluster.addRealNode('old', ['--container-runtime-endpoint', node.address, '--cgroup-root', node.cgroupParent], log);
  });
  afterAll(async () => {
    try {
      await cluster.stop();
    } finally {
      await node.stop();
    }
  });

  it('[B3] answers Unimplemented', async () => {
    const runtime = createRemoteRuntime({ endpoint: node.address, logger: createLogger('test', 'silent') });
    await expect(runtime.events(AbortSignal.timeout(10_000))[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'Unimplemented' });
    await runtime.close();
  });

  it('[B3] is looked through by the kubelet, which says so once and sees a process end', async () => {
    const pods = cluster.client.pods('default');
    await eventually('the pod is taken', async () => {
      await pods.create({ metadata: { name: 'web' }, spec: { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers: [{ name: 'main', image: images.toolbox, command: ['sleep', '1000'] }] } });
      return true;
    });
    const statusOf = async () => (await pods.get('web')).status?.containerStatuses?.[0];
    const running = await eventually('it runs', async () => {
      const status = await statusOf();
      return status?.state?.running ? status : undefined;
    }, { timeoutMs: 30_000 });
    await node.ctr('tasks', 'kill', '--signal', 'SIGKILL', running.containerID?.replace('containerd://', '') ?? '');
    await eventually('it runs again', async () => {
      const status = await statusOf();
      return status?.restartCount === 1 && status.state?.running !== undefined;
    }, { timeoutMs: 30_000 });
    expect(warnings.filter((message) => message.includes('container events'))).toEqual(['the container runtime has no container events, relisting instead']);
    await pods.delete('web');
    await eventually('it is gone', async () => (await pods.list()).items.length === 0, { timeoutMs: 30_000 });
  });
});
