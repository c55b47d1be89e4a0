import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { execa, execaSync } from 'execa';
import { insideNode } from '@podling/deploy/local';
import { isRunning, mustSucceed, nodeOf, pidOf, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld('network');
const onNode = (index: number) => ({ nodeSelector: { 'kubernetes.io/hostname': world.cluster.nodes[index]?.name ?? '' } });
let address: string;

beforeAll(async () => {
  await openNamespace(world);
  await applyPod(world, toolboxPod('server', 'mkdir /www; echo page > /www/index.html; exec httpd -f -p 8080 -h /www', { spec: onNode(1) }));
  const pod = await podUntil(world, 'server', 'Running', isRunning);
  address = `http://${pod.status?.podIP}:8080/`;
});

afterAll(async () => {
  await closeNamespace(world);
});

describe('the pod network', () => {
  it.each([
    ['the same node', 1],
    ['the other node', 0],
  ])('[A6] [B2] [E4] a pod on %s reaches a pod by IP and port', async (_where, index) => {
    const name = `client-${index}`;
    await applyPod(world, toolboxPod(name, `fetch ${address}`, { spec: { ...onNode(index), restartPolicy: 'OnFailure' } }));
    const pod = await podUntil(world, name, 'Succeeded', (p) => p.status?.phase === 'Succeeded');
    expect(nodeOf(world, pod).index).toBe(index + 1);
    expect(await mustSucceed(world.kubectl, ['logs', name])).toContain('page');
  });

  it('[A6] [B2] [E4] the host reaches a pod by IP and port', async () => {
    expect(await (await fetch(address, { signal: AbortSignal.timeout(10_000) })).text()).toBe('page\n');
  });
});

describe('host ports', () => {
  const [tcp, udp, elsewhere] = [18_080, 19_000, 18_081];
  const node = () => world.cluster.nodes[1] ?? expect.fail('no second node');
  const serve = (page: string) => `mkdir /www; echo ${page} > /www/index.html; exec httpd -f -p 8080 -h /www`;
  /** The image has nothing that speaks UDP: a process of the test answers in the pod's network. */
  const echo = "const s = require('node:dgram').createSocket('udp4'); s.on('message', (m, { port, address }) => s.send('echo ' + m, port, address)); s.bind(9000);";
  const ports = () => [
    { containerPort: 8080, hostPort: tcp },
    { containerPort: 9000, hostPort: udp, protocol: 'UDP' },
    { containerPort: 8080, hostPort: elsewhere, hostIP: '127.0.0.1' },
  ];
  const holder = (name: string) => toolboxPod(name, serve(name), { spec: onNode(1), container: { ports: ports() } });
  const page = async (port: number): Promise<string> => (await fetch(`http://${node().ip}:${port}/`, { signal: AbortSignal.timeout(2000) })).text();
  const served = (text: string) => waitUntil(`${text} on the host port`, async () => (await page(tcp)) === `${text}\n`, { timeoutMs: 30_000 });
  const rules = (): string[] => {
    const [command, args] = insideNode(node().netns, ['iptables-save', '-t', 'nat']);
    return execaSync(command, args).stdout.split('\n').filter((line) => line.includes('-j DNAT') && line.includes(`--dport ${tcp} `));
  };

  async function askByUdp(pid: number): Promise<string> {
    const server = execa('nsenter', [`--net=/proc/${pid}/ns/net`, process.execPath, '-e', echo], { reject: false });
    try {
      return await waitUntil('an answer over UDP', () => exchange('hello'), { timeoutMs: 30_000 });
    } finally {
      server.kill('SIGKILL');
      await server;
    }
  }

  async function exchange(text: string): Promise<string> {
    const socket = createSocket('udp4');
    try {
      socket.send(text, udp, node().ip);
      const [answer] = (await once(socket, 'message', { signal: AbortSignal.timeout(2000) })) as [Buffer];
      return answer.toString();
    } finally {
      socket.close();
    }
  }

  /** The process that holds the sandbox of a container. */
  function pauseBeside(pid: number): number {
    const network = (of: string): string => readlinkSync(`/proc/${of}/ns/net`);
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    const isPause = (of: string): boolean => {
      try {
        return readFileSync(`/proc/${of}/comm`, 'utf8') === 'catatonit\n' && network(of) === network(String(pid));
      } catch {
        return false;
      }
    };
    return Number(pids.find(isPause));
  }

  it('serve over TCP and UDP, to this machine and to pods of other nodes, on the address that is asked for', async () => {
    await applyPod(world, holder('first'));
    const pod = await podUntil(world, 'first', 'Running', isRunning);
    await served('first');
    expect(await askByUdp(await pidOf(world, pod))).toBe('echo hello');
    await applyPod(world, toolboxPod('asker', `fetch ${node().ip}:${tcp}`, { spec: { ...onNode(0), restartPolicy: 'OnFailure' } }));
    await podUntil(world, 'asker', 'Succeeded', ({ status }) => status?.phase === 'Succeeded');
    await expect(page(elsewhere)).rejects.toThrow();
    const [command, args] = insideNode(node().netns, ['curl', '-s', `http://127.0.0.1:${elsewhere}/`]);
    expect(execaSync(command, args).stdout).toBe('first');
  });

  it('lead to the pod again after its sandbox was killed, by one rule', async () => {
    const pod = await podUntil(world, 'first', 'Running', isRunning);
    process.kill(pauseBeside(await pidOf(world, pod)), 'SIGKILL');
    const before = pod.status?.podIP;
    await podUntil(world, 'first', 'Running on another address', (now) => isRunning(now) && now.status?.podIP !== before);
    await served('first');
    expect(rules()).toHaveLength(1);
  });

  it('are had by one pod at a time, and are free when it is gone', async () => {
    await applyPod(world, holder('second'));
    const waiting = await podUntil(world, 'second', 'unschedulable', (pod) => pod.status?.conditions?.some(({ reason }) => reason === 'Unschedulable') ?? false);
    expect(JSON.stringify(waiting.status?.conditions)).toContain("didn't have free ports for the requested pod ports");
    await mustSucceed(world.kubectl, ['delete', 'pod', 'first', '--now']);
    await podUntil(world, 'second', 'Running', isRunning);
    await served('second');
    await mustSucceed(world.kubectl, ['delete', 'pod', 'second', '--now']);
    await waitUntil('the rules to be gone', () => rules().length === 0, { timeoutMs: 30_000 });
    await expect(page(tcp)).rejects.toThrow();
  });
});
