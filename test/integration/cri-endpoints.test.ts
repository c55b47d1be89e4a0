import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import type { CriRuntime } from '@podling/cri';
import { checkContainerdConfig, readMachineLimits } from '@podling/cri/containerd-config';
import { checkEndpoint, createRemoteRuntime, findEndpoint } from '@podling/cri/remote';
import type { TlsFiles } from '@podling/cri/remote';
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
/** Node's own. */
const warnings: Error[] = [];
process.on('warning', (warning) => warnings.push(warning));

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
    await (await openAuthority(folder, 'other', 'other-ca')).ensure(pairOf('stranger'), { commonName: 'kubelet', usages: ['client'] });
    node = await startContainerdNode({ archives: images.archives, cri: { pauseImage: images.pause, tcp: { address: `0.0.0.0:${port}`, certFile, keyFile, clientCaFile: authority.certFile } } });
  });
  afterAll(() => node.stop());

  it('[B1] serves CRI on its socket and over TCP, there to those who show a certificate', async () => {
    const runtime = { runtimeName: 'containerd', runtimeVersion: expect.stringMatching(/^v?1\.7\./) as string, runtimeApiVersion: 'v1' };
    expect(await checkEndpoint(unix())).toEqual(runtime);
    expect(await checkEndpoint(tcp(), tls())).toEqual(runtime);
    await expect(checkEndpoint(tcp())).rejects.toThrow(/over the network it takes TLS/);
  });

  it.each<[string, () => Partial<TlsFiles>, RegExp]>([
    ['another authority', () => ({ caFile: join(folder, 'other.crt') }), /its certificate is not signed by the authority in .*other\.crt: name the file of its own/],
    ['another name', () => ({ serverName: 'web' }), /its certificate is for another name: name that one .*DNS:containerd/],
    ['the address, which it does not have', () => ({ serverName: node.nodeIp }), /its certificate is for another name: name that one .*IP: 10\./],
    ["another authority's client", () => ({ certFile: pairOf('stranger').cert, keyFile: pairOf('stranger').key }), /it does not take the client certificate in .*stranger\.crt/],
    ['a file without a certificate', () => ({ caFile: pairOf('server').key }), /its TLS files: there is no certificate in .*server\.key/],
  ])('[C3] says what is wrong with TLS: %s', async (_, wrong, message) => {
    await expect(checkEndpoint(tcp(), { ...tls(), ...wrong() })).rejects.toThrow(message);
  });

  it('[C3] asks who the client is, and says why it is not taken at each call', async () => {
    const { caFile } = tls();
    await expect(checkEndpoint(tcp(), { caFile, serverName: 'containerd' })).rejects.toThrow(/it wants to see a client's certificate/);
    const runtime = createRemoteRuntime({ endpoint: tcp(), tls: { caFile: join(folder, 'other.crt'), serverName: 'containerd' }, logger: createLogger('test', 'silent') });
    try {
      await expect(runtime.version()).rejects.toThrow(/no container runtime answers at tcp:\S+: start it, or name its own endpoint \(.*certificate.*\)/);
    } finally {
      await runtime.close();
    }
  });

  it('[B1] has a file in which the check finds nothing, and one that switches CRI off is explained', async () => {
    const text = await readFile(join(node.folder, 'config.toml'), 'utf8');
    const ground = { exists: () => true, entries: () => ['loopback', '10.conflist'], limits: readMachineLimits(), cgroupDriver: 'cgroupfs' as const };
    expect(checkContainerdConfig(text, ground)).toEqual([]);
    const off = checkContainerdConfig(text.replace('disabled_plugins = [ ', 'disabled_plugins = [ "io.containerd.grpc.v1.cri", '), ground);
    expect(off.map(({ at, severity }) => [at, severity])).toEqual([['disabled_plugins', 'error']]);
  });

  const sandbox = (attempt: number) => ({
    metadata: { name: 'one', namespace: 'default', uid: 'one', attempt }, hostname: 'one', logDirectory: folder, portMappings: [], labels: {}, annotations: {}, cgroupParent: node.cgroupParent,
  });
  const withRuntime = async (use: (runtime: CriRuntime) => Promise<void>): Promise<void> => {
    const runtime = createRemoteRuntime({ endpoint: unix(), logger: createLogger('test', 'silent') });
    try {
      await use(runtime);
    } finally {
      await runtime.close();
    }
  };

  it('[B2] takes its network from a plain conf file, as it was put there', () => withRuntime(async (runtime) => {
    const ipam = { type: 'host-local', dataDir: join(node.folder, 'ipam'), ranges: [[{ subnet: '10.233.77.0/24' }]], routes: [{ dst: '0.0.0.0/0' }] };
    await writeFile(join(node.cniConfDir, '00-plain.conf'), JSON.stringify({ cniVersion: '0.3.1', name: 'plain', type: 'bridge', bridge: 'plain0', isGateway: true, ipam }));
    let attempt = 0;
    await eventually('a sandbox has an address of that network', async () => {
      const id = await runtime.runPodSandbox(sandbox((attempt += 1)));
      const { ip } = await runtime.podSandboxStatus(id);
      await runtime.removePodSandbox(id);
      return ip.startsWith('10.233.77.');
    }, { timeoutMs: 20_000 });
    await rm(join(node.cniConfDir, '00-plain.conf'));
  }));

  it('[D5] says that its network is not ready while there is none', () => withRuntime(async (runtime) => {
    const network = async () => (await runtime.status()).conditions.find(({ type }) => type === 'NetworkReady');
    const file = join(node.cniConfDir, '10-flannel.conflist');
    const text = await readFile(file);
    await rm(file);
    await eventually('the network is missed', async () => (await network())?.message.includes('cni plugin not initialized'), { timeoutMs: 20_000 });
    // containerd 1.7 sees a file that is written there, and none that is moved there.
    await writeFile(file, text);
    await eventually('the network is back', async () => (await network())?.status, { timeoutMs: 20_000 });
  }));

  it('[D5] names a sandbox image that it cannot pull', () => withRuntime(async (runtime) => {
    const file = join(node.folder, 'config.toml');
    const text = await readFile(file, 'utf8');
    const restart = async (configuration: string): Promise<void> => {
      await node.killContainerd();
      await writeFile(file, configuration);
      await node.startContainerd();
    };
    await restart(text.replace(/^sandbox_image = .*$/m, 'sandbox_image = "127.0.0.1:1/no/pause:1"'));
    const said = await eventually('it tells', async () => {
      const message = await runtime.runPodSandbox(sandbox(0)).then(() => '', String);
      return message.includes('sandbox image') && message;
    }, { timeoutMs: 20_000 });
    expect(said).toMatch(/failed to get sandbox image "127\.0\.0\.1:1\/no\/pause:1": failed to pull image/);
    await restart(text);
  }));

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

  it('[C3] is explained when one side takes TLS and the other does not', async () => {
    const authority = await openAuthority(folder, 'local', 'local-ca');
    await authority.ensure(pairOf('local-server'), { commonName: 'local', usages: ['server'], ips: ['127.0.0.1'] });
    const { cert, key } = pairOf('local-server');
    const secure = createTlsServer({ cert: await readFile(cert), key: await readFile(key), ALPNProtocols: ['h2'] }, (socket) => void socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const plain = createServer((socket) => void socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const [securePort, plainPort] = await Promise.all([secure, plain].map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      servers.push(server);
      return (server.address() as AddressInfo).port;
    }));
    await expect(checkEndpoint(`tcp://127.0.0.1:${securePort}`)).rejects.toThrow(/it takes TLS: name the file of its certificate authority/);
    await expect(checkEndpoint(`tcp://127.0.0.1:${securePort}`, { caFile: authority.certFile })).rejects.toThrow(/it does not speak gRPC as expected/);
    expect(warnings.filter(({ message }) => message.includes('TLS ServerName'))).toEqual([]);
    await expect(checkEndpoint(`tcp://127.0.0.1:${plainPort}`, { caFile: authority.certFile })).rejects.toThrow(/it does not take TLS: leave out the TLS files/);
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
    await node.killContainerd();
    await cluster.addRealNode('old', ['--container-runtime-endpoint', node.address, '--cgroup-root', node.cgroupParent], log);
  });
  afterAll(async () => {
    try {
      await cluster.stop();
    } finally {
      await node.stop();
    }
  });

  it('may be away when the kubelet starts: the node is NotReady until it comes', async () => {
    const ready = async () => (await cluster.client.nodes().get('old')).status?.conditions?.find(({ type }) => type === 'Ready');
    await eventually('the node is not ready', async () => (await ready())?.status === 'False', { timeoutMs: 30_000 });
    expect((await ready())?.message).toContain('container runtime is down');
    expect(warnings).toContain('the container runtime is not there yet');
    await node.startContainerd();
    await eventually('the node is ready', async () => (await ready())?.status === 'True', { timeoutMs: 30_000 });
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
