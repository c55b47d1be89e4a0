import { request as send } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Status } from '@podling/shared/api';
import { createTestAuthority } from '../testing/certificates.ts';
import type { TestAuthority } from '../testing/certificates.ts';
import { FakeKubelet } from '../testing/fake-kubelet.ts';
import { SecureTestServer } from '../testing/secure-server.ts';
import { podBody, pods } from '../testing/test-server.ts';

const MiB = 1024 * 1024;
const patience = { timeout: 15_000 };
const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n';
const upgrade = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' };

interface Answer {
  code: number;
  text: string;
  status: Status;
  /** After 101. */
  socket?: Socket;
}

describe('the streams of a pod', () => {
  const server = new SecureTestServer();
  let authority: TestAuthority;
  let kubelet: FakeKubelet;
  const outgoing = new Set<Socket>();

  /** What one of them asks for, as an upgrade unless the headers say otherwise. */
  async function ask(user: string, path: string, { method = 'POST', headers = upgrade }: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
    const client = send(server.plain.url + path, { ...(await server.identity(user, user === 'admin' ? 'system:masters' : undefined)), method, headers, agent: false });
    client.once('socket', (socket) => outgoing.add(socket.once('close', () => outgoing.delete(socket))));
    client.end();
    const answered = Promise.withResolvers<Answer | IncomingMessage>();
    client.once('upgrade', (answer, socket) => answered.resolve({ code: answer.statusCode ?? 0, text: '', status: {} as Status, socket: (socket as Socket).on('error', () => undefined) }));
    client.once('response', answered.resolve).on('error', answered.reject);
    const answer = await answered.promise;
    if ('code' in answer) return answer;
    const body = await text(answer);
    return { code: answer.statusCode ?? 0, text: body, status: body.startsWith('{') ? (JSON.parse(body) as Status) : ({} as Status) };
  }

  const admin = async (method: 'POST', path: string, body: object) => server.send(await server.agent('admin', 'system:masters'), method, path, { body });

  beforeAll(async () => {
    authority = await createTestAuthority('kubelet-ca');
    const [serving, client] = await Promise.all([authority.issue('server'), authority.issue('apiserver')]);
    kubelet = new FakeKubelet(serving, authority.cert);
    await server.prepare();
    const [certificateAuthority, clientCertificate, clientKey] = await Promise.all([server.write('kubelet-ca.crt', authority.cert), server.write('client.crt', client.cert), server.write('client.key', client.key)]);
    await server.start({ kubeletClient: { certificateAuthority, clientCertificate, clientKey } });
    const status = { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }], daemonEndpoints: { kubeletEndpoint: { Port: await kubelet.listen() } } };
    await admin('POST', '/api/v1/nodes', { metadata: { name: 'n1' }, status });
    await admin('POST', pods, podBody('web', { spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'x' }] } }));
    const containers = ['a', 'b'].map((name) => ({ name, image: 'x' }));
    await admin('POST', pods, podBody('two', { spec: { nodeName: 'n1', containers, initContainers: [{ name: 'init', image: 'x' }] } }));
    await admin('POST', pods, podBody('unbound', { spec: { containers: [{ name: 'main', image: 'x' }] } }));
  });
  afterAll(async () => {
    for (const socket of outgoing) socket.destroy();
    await kubelet.close();
    await server.stop();
  });

  const gone = (): Promise<void> => vi.waitFor(() => expect([kubelet.connections, outgoing.size]).toEqual([0, 0]), patience);

  describe.each(['exec', 'attach', 'portforward'])('%s', (kind) => {
    const path = `${pods}/web/${kind}?stdout=true&command=ls`;

    it.each(['GET', 'POST'])('is for those who may create, by %s too', async (method) => {
      kubelet.upgrade = (_request, socket) => socket.end(switching);
      expect((await ask('admin', path, { method })).code).toBe(101);
      const refused = await ask('jane', path, { method });
      expect([refused.code, refused.status.message]).toEqual([403, expect.stringContaining(`cannot create resource "pods/${kind}"`)]);
      await gone();
    });

    it('wants an upgrade', async () => {
      const answer = await ask('admin', path, { headers: {} });
      expect([answer.code, answer.status.message]).toEqual([400, 'Upgrade request required']);
    });
  });

  it.each([
    ['web/exec?command=sh&command=-c&command=a%26b&stdin=true&stdout=true&tty=1&stderr=false', '/exec/default/web/main?input=1&output=1&tty=1&command=sh&command=-c&command=a%26b'],
    ['two/exec?container=init&stderr=true&stdin=0', '/exec/default/two/init?error=1'],
    ['web/attach?stdout=true&command=ls&evil=1', '/attach/default/web/main?output=1'],
    ['web/portforward?ports=80&ports=443', '/portForward/default/web?port=80,443'],
    ['web/portforward', '/portForward/default/web'],
  ])('%s is %s at the kubelet', async (path, wanted) => {
    kubelet.upgrade = (_request, socket) => socket.end(switching);
    expect((await ask('admin', `${pods}/${path}`)).code).toBe(101);
    expect(kubelet.requests.at(-1)).toBe(wanted);
    await gone();
  });

  it.each([
    ['web/exec?container=no&stdout=1', 400, 'container no is not valid for pod web'],
    ['two/exec?stdout=1', 400, 'a container name must be specified for pod two, choose one of: [init a b]'],
    ['unbound/exec?stdout=1', 400, 'pod unbound does not have a host assigned'],
    ['none/exec?stdout=1', 404, 'pods "none" not found'],
    ['web/portforward?ports=http', 400, 'is not a port'],
  ])('%s is refused', async (path, code, why) => {
    const answer = await ask('admin', `${pods}/${path}`);
    expect([answer.code, answer.status.message]).toEqual([code, expect.stringContaining(why)]);
  });

  it('are the kubelet\'s to refuse, in its own words, and nobody holds on to anything', async () => {
    kubelet.upgrade = (_request, socket) => void socket.write('HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 28\r\n\r\ncontainer not found ("main")');
    expect(await ask('admin', `${pods}/web/exec?stdout=1`)).toMatchObject({ code: 500, text: 'container not found ("main")' });
    await gone();
    kubelet.upgrade = (_request, socket) => void socket.write(`HTTP/1.1 500 Internal Server Error\r\n\r\n${'x'.repeat(MiB)}`);
    expect((await ask('admin', `${pods}/web/exec?stdout=1`)).text.length).toBeLessThan(32 * 1024);
    await gone();
  });

  it('lead nowhere else', async () => {
    kubelet.upgrade = (_request, socket) => void socket.write('HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n');
    const answer = await ask('admin', `${pods}/web/exec?stdout=1`);
    expect([answer.code, answer.status.message]).toEqual([502, expect.stringContaining('redirect')]);
    await gone();
  });

  it('show the kubelet nothing of who the client is to us', async () => {
    const headers = Promise.withResolvers<IncomingMessage['headers']>();
    kubelet.upgrade = (request, socket) => {
      headers.resolve(request.headers);
      socket.end(switching);
    };
    const secrets = { cookie: 'c=1', 'x-remote-user': 'root', 'sec-websocket-protocol': 'v4.channel.k8s.io, base64url.bearer.authorization.k8s.io.c2VjcmV0' };
    await ask('admin', `${pods}/web/exec?stdout=1`, { headers: { ...upgrade, ...secrets } });
    const seen = await headers.promise;
    expect([seen['x-remote-user'], seen['authorization'], seen['sec-websocket-protocol']]).toEqual([undefined, undefined, 'v4.channel.k8s.io']);
    await gone();
  });

  it('pass in both directions, and each end with the other', async () => {
    kubelet.upgrade = (_request, socket) => {
      socket.write(`${switching}first`);
      socket.on('data', (data: Buffer) => socket.write(`kubelet: ${data.toString()}`));
    };
    const said: string[] = [];
    const { socket } = await ask('admin', `${pods}/web/exec?stdout=1`);
    socket?.on('data', (data: Buffer) => said.push(data.toString()));
    socket?.write('hi');
    await vi.waitFor(() => expect(said.join('')).toBe('firstkubelet: hi'), patience);
    socket?.destroy();
    await gone();
    kubelet.upgrade = (_request, wire) => {
      wire.write(switching);
      setImmediate(() => wire.destroy());
    };
    const cut = await ask('admin', `${pods}/web/exec?stdout=1`);
    cut.socket?.resume();
    await gone();
  });

  it('are not kept in memory for a client that does not read', async () => {
    let sent = 0;
    kubelet.upgrade = (_request, socket) => {
      socket.write(switching);
      const fill = (): void => {
        for (let more = true; more; sent += MiB) more = socket.write(Buffer.alloc(MiB));
      };
      socket.on('drain', fill);
      fill();
    };
    const { socket } = await ask('admin', `${pods}/web/exec?stdout=1`);
    let [before, stuck] = [-1, 0];
    await vi.waitFor(() => {
      stuck = sent === before ? stuck + 1 : 0;
      before = sent;
      expect(stuck).toBeGreaterThan(4);
    }, { interval: 100, ...patience });
    expect(sent).toBeLessThan(40 * MiB);
    socket?.resume();
    await vi.waitFor(() => expect(sent).toBeGreaterThan(before + 20 * MiB), patience);
    socket?.destroy();
    await gone();
  });

  it('say which kubelet cannot be reached', async () => {
    const status = { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }], daemonEndpoints: { kubeletEndpoint: { Port: 1 } } };
    await admin('POST', '/api/v1/nodes', { metadata: { name: 'dead' }, status });
    await admin('POST', pods, podBody('stranded', { spec: { nodeName: 'dead', containers: [{ name: 'main', image: 'x' }] } }));
    const answer = await ask('admin', `${pods}/stranded/exec?stdout=1`);
    expect([answer.code, answer.status.message]).toEqual([503, expect.stringContaining('the kubelet of node "dead"')]);
  });
});
