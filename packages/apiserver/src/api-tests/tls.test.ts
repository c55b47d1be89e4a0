import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Agent, request } from 'undici';
import { WebSocket } from 'ws';
import type { Node, Status } from '@podling/shared/api';
import { createLogger } from '@podling/shared/util';
import { startApiServer } from '../server.ts';
import type { RunningApiServer } from '../server.ts';
import { createTestAuthority } from '../testing/certificates.ts';
import type { PemPair, TestAuthority } from '../testing/certificates.ts';
import { FakeKubelet } from '../testing/fake-kubelet.ts';
import { podBody, pods } from '../testing/test-server.ts';

interface Answer {
  code: number;
  text: string;
  status: Status;
}

describe('the secure port', () => {
  let folder: string;
  let authority: TestAuthority;
  let kubelet: FakeKubelet;
  let server: RunningApiServer;
  const agents: Agent[] = [];

  const agentFor = (identity: Partial<PemPair>): Agent => {
    const agent = new Agent({ connect: { ca: authority.cert, ...identity } });
    agents.push(agent);
    return agent;
  };
  const send = async (agent: Agent, method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<Answer> => {
    const answer = await request(server.url + path, {
      dispatcher: agent, method, ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    const text = await answer.body.text();
    return { code: answer.statusCode, text, status: text.startsWith('{') ? (JSON.parse(text) as Status) : ({} as Status) };
  };
  const identity = async (name: string, group?: string): Promise<Agent> => agentFor(await authority.issue(name, group));
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, text);
    return file;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'apiserver-tls-'));
    authority = await createTestAuthority('test-ca');
    const [serving, client] = await Promise.all([authority.issue('server'), authority.issue('system:apiserver-kubelet-client', 'system:masters')]);
    kubelet = new FakeKubelet(serving, authority.cert);
    server = await startApiServer({
      storage: { kind: 'memory' },
      disabledAdmissionPlugins: ['ServiceAccount'],
      logger: createLogger('apiserver', 'silent'),
      serving: {
        bindAddresses: ['127.0.0.1'], port: 0, clientCaFile: await write('ca.crt', authority.cert),
        tlsCertFile: await write('server.crt', serving.cert), tlsPrivateKeyFile: await write('server.key', serving.key),
      },
      kubeletClient: {
        certificateAuthority: join(folder, 'ca.crt'), clientCertificate: await write('client.crt', client.cert), clientKey: await write('client.key', client.key),
      },
    });
    await registerNode(await kubelet.listen());
  });

  async function registerNode(port: number): Promise<void> {
    const admin = await identity('admin', 'system:masters');
    const status: Node['status'] = { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }], daemonEndpoints: { kubeletEndpoint: { Port: port } } };
    await send(admin, 'POST', '/api/v1/nodes', { metadata: { name: 'n1' }, status });
    await send(admin, 'POST', pods, podBody('one', { spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'x' }] } }));
    const containers = ['a', 'b'].map((name) => ({ name, image: 'x' }));
    await send(admin, 'POST', pods, podBody('two', { spec: { nodeName: 'n1', containers } }));
    await send(admin, 'POST', pods, podBody('lost', { spec: { nodeName: 'n2', containers } }));
    await send(admin, 'POST', pods, podBody('unbound'));
  }

  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.destroy()));
    await server.stop();
    await kubelet.close();
    await rm(folder, { recursive: true });
  });

  it.each(['/livez', '/readyz', '/healthz', '/version', '/livez/ping'])('answers %s for everybody', async (path) => {
    expect((await send(agentFor({}), 'GET', path)).code).toBe(200);
  });

  it.each(['/api', '/api/v1/pods', '/metrics', '/livezz', '/api/v1/nodes/n1/proxy/healthz'])('answers 401 for %s without a certificate', async (path) => {
    const { code, status } = await send(agentFor({}), 'GET', path);
    expect([code, status.kind, status.reason]).toEqual([401, 'Status', 'Unauthorized']);
  });

  it('answers 401 for a certificate of another authority', async () => {
    const stranger = await createTestAuthority('stranger');
    const { code } = await send(agentFor(await stranger.issue('admin', 'system:masters')), 'GET', '/api/v1/pods');
    expect(code).toBe(401);
  });

  it('lets system:masters do everything, also on a kept connection', async () => {
    const admin = await identity('admin', 'system:masters');
    expect((await send(admin, 'GET', '/api/v1/pods')).code).toBe(200);
    expect((await send(admin, 'GET', '/metrics')).code).toBe(200);
  });

  it.each([['system:kube-scheduler', ''], ['system:kube-controller-manager', ''], ['system:node:n1', 'system:nodes']])('lets the component %s in', async (name, group) => {
    expect((await send(await identity(name, group), 'GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1')).code).toBe(200);
  });

  it('reads name, groups and uid from a certificate, and knows it by its digest', async () => {
    const agent = agentFor(await authority.issue('jane', 'developers', 'jane-1'));
    const { text } = await send(agent, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
    expect(JSON.parse(text)).toMatchObject({
      status: {
        userInfo: {
          username: 'jane', uid: 'jane-1', groups: ['developers', 'system:authenticated'],
          extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)] },
        },
      },
    });
  });

  it('refuses a user without rights with 403, but shows what there is', async () => {
    const jane = await identity('jane', 'developers');
    const { code, status } = await send(jane, 'GET', '/api/v1/namespaces/default/pods/one');
    expect(code).toBe(403);
    expect(status.message).toBe('pods "one" is forbidden: User "jane" cannot get resource "pods" in API group "" in the namespace "default"');
    expect((await send(jane, 'GET', '/metrics')).status.message).toBe('forbidden: User "jane" cannot get path "/metrics"');
    expect((await send(jane, 'GET', '/apis')).code).toBe(200);
  });

  it('guards the upgrade to WebSocket like everything else', async () => {
    const attempt = (tls: Partial<PemPair>): Promise<string> => new Promise((resolve) => {
      const socket = new WebSocket(`${server.url.replace('https', 'wss')}/api/v1/pods?watch=true&fieldSelector=spec.nodeName%3Dn1`, { ca: authority.cert, ...tls });
      socket.once('open', () => { socket.close(); resolve('open'); });
      socket.once('error', (error: Error) => resolve(error.message));
    });
    expect(await attempt({})).toContain('401');
    expect(await attempt(await authority.issue('jane'))).toContain('403');
    expect(await attempt(await authority.issue('system:node:n1', 'system:nodes'))).toBe('open');
  });

  describe('logs', () => {
    const log = async (pod: string, query = '') => send(await identity('admin', 'system:masters'), 'GET', `${pods}/${pod}/log${query}`);

    it('come from the kubelet of the node, asked with our own certificate', async () => {
      const { code, text } = await log('one', '?tailLines=5&timestamps=true&limitBytes=100&sinceSeconds=9&previous=false&unknown=1');
      expect([code, text]).toEqual([200, 'hello\n']);
      expect(kubelet.requests.at(-1)).toBe('/containerLogs/default/one/main?timestamps=true&tailLines=5&limitBytes=100&sinceSeconds=9');
      expect(kubelet.clients.at(-1)).toBe('system:apiserver-kubelet-client');
    });

    it('want a container named when there are several', async () => {
      const { code, status } = await log('two');
      expect([code, status.message]).toEqual([400, 'a container name must be specified for pod two, choose one of: [a b]']);
      expect((await log('two', '?container=b')).code).toBe(200);
      expect((await log('two', '?container=c')).status.message).toBe('container c is not valid for pod two');
    });

    it('are empty for a pod without a node, and 404 for a pod or node that is not there', async () => {
      expect(await log('unbound')).toMatchObject({ code: 200, text: '' });
      expect((await log('nobody')).code).toBe(404);
      expect((await log('lost', '?container=a')).status.message).toBe('nodes "n2" not found');
    });

    it.each([
      ['tailLines=-1', 422, 'tailLines: Invalid value: -1: must be greater than or equal to 0'],
      ['limitBytes=0', 422, 'limitBytes: Invalid value: 0: must be greater than 0'],
      ['sinceSeconds=0', 422, 'sinceSeconds: Invalid value: 0: must be greater than 0'],
      ['sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z', 422, ': Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified'],
      ['stream=Stdout', 422, 'stream: Forbidden: may not be specified'],
      ['tailLines=-1&limitBytes=0', 422, '[tailLines: Invalid value: -1: must be greater than or equal to 0, limitBytes: Invalid value: 0: must be greater than 0]'],
    ])('refuse %s', async (query, code, message) => {
      expect((await log('one', `?${query}`)).status).toMatchObject({ code, message: `PodLogOptions "one" is invalid: ${message}`, details: { name: 'one', kind: 'PodLogOptions' } });
    });

    it.each([
      ['tailLines=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
      ['sinceTime=today', 'parsing time "today": not an RFC 3339 time'],
    ])('cannot be read with %s', async (query, message) => {
      expect((await log('one', `?${query}`)).status).toMatchObject({ code: 400, message });
    });

    it('are read since a time', async () => {
      expect((await log('one', '?sinceTime=2026-01-01T00:00:00.5%2B01:00&previous')).code).toBe(200);
      expect(kubelet.requests.at(-1)).toBe('/containerLogs/default/one/main?previous=true&sinceTime=2026-01-01T00%3A00%3A00.5%2B01%3A00');
    });

    it('come from a kubelet with a strange certificate only when any will do', async () => {
      const impostor = new FakeKubelet(await (await createTestAuthority('stranger')).issue('server'), authority.cert);
      const admin = await identity('admin', 'system:masters');
      const status: Node['status'] = { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }], daemonEndpoints: { kubeletEndpoint: { Port: await impostor.listen() } } };
      await send(admin, 'POST', '/api/v1/nodes', { metadata: { name: 'n3' }, status });
      await send(admin, 'POST', pods, podBody('strange', { spec: { nodeName: 'n3', containers: [{ name: 'main', image: 'x' }] } }));
      expect((await log('strange')).code).toBe(503);
      expect((await log('strange', '?insecureSkipTLSVerifyBackend=false')).code).toBe(503);
      expect(impostor.requests).toEqual([]);
      expect(await log('strange', '?insecureSkipTLSVerifyBackend=true')).toMatchObject({ code: 200, text: 'hello\n' });
      await impostor.close();
    });

    it('pass on what the kubelet refuses, in its words', async () => {
      for (const [code, reason, message] of [[404, 'NotFound', 'no log'], [400, 'BadRequest', 'container "main" in pod "one" is waiting to start: ContainerCreating']] as const) {
        kubelet.answer = (_request, response) => response.writeHead(code).end(`${message}\n`);
        expect(await log('one')).toMatchObject({ code, status: { reason, message } });
      }
    });

    it('read no more of a refusal than anybody wants to know', async () => {
      kubelet.answer = (_request, response) => {
        const more = (): void => { while (response.write('x'.repeat(10_000))); };
        response.writeHead(500).on('drain', more);
        more();
      };
      const { code, status } = await log('two', '?container=a');
      expect([code, status.message]).toEqual([500, 'x'.repeat(16 * 1024)]);
    });

    it('stream as they come, and stop at the kubelet when the client leaves', async () => {
      const closed = Promise.withResolvers<void>();
      kubelet.answer = (_request, response) => {
        response.once('close', () => closed.resolve());
        response.write('first\n');
      };
      const answer = await request(`${server.url}${pods}/one/log?follow=true`, { dispatcher: await identity('admin', 'system:masters') });
      for await (const chunk of answer.body) {
        expect(String(chunk)).toBe('first\n');
        break;
      }
      await closed.promise;
      expect(kubelet.requests.at(-1)).toBe('/containerLogs/default/one/main?follow=true');
    });

    it('wait at the kubelet while the client does not read, and come whole when it does', async () => {
      const piece = Buffer.alloc(64 * 1024, 'x');
      const whole = 600 * piece.length;
      let sent = 0;
      kubelet.answer = (_request, response) => {
        const more = (): void => {
          while (sent < whole) {
            sent += piece.length;
            if (!response.write(piece)) return;
          }
          response.end();
        };
        response.on('drain', more);
        more();
      };
      const { body } = await request(`${server.url}${pods}/one/log`, { dispatcher: await identity('admin', 'system:masters') });
      let before = -1;
      await vi.waitFor(() => {
        const isStill = sent === before;
        before = sent;
        expect(isStill).toBe(true);
      }, { timeout: 10_000, interval: 200 });
      // What two connections hold in the kernel is far from all.
      expect(sent).toBeLessThan(whole / 2);
      let received = 0;
      for await (const chunk of body) received += (chunk as Buffer).length;
      expect(received).toBe(whole);
    });

    it('answer 503 when the kubelet is away', async () => {
      const admin = await identity('admin', 'system:masters');
      const { text } = await send(admin, 'GET', '/api/v1/nodes/n1');
      const node = JSON.parse(text) as Node;
      const away = { ...node.status, daemonEndpoints: { kubeletEndpoint: { Port: 1 } } };
      await send(admin, 'PUT', '/api/v1/nodes/n1/status', { ...node, status: away });
      expect((await log('one')).code).toBe(503);
      const { text: now } = await send(admin, 'GET', '/api/v1/nodes/n1');
      await send(admin, 'PUT', '/api/v1/nodes/n1/status', { ...(JSON.parse(now) as Node), status: node.status });
    });
  });

  it('passes GET nodes/NAME/proxy to the kubelet', async () => {
    kubelet.answer = (_request, response) => response.setHeader('content-type', 'application/json').end('{"node":{}}');
    const admin = await identity('admin', 'system:masters');
    const { code, text } = await send(admin, 'GET', '/api/v1/nodes/n1/proxy/stats/summary?only=cpu');
    expect([code, text, kubelet.requests.at(-1)]).toEqual([200, '{"node":{}}', '/stats/summary?only=cpu']);
    expect((await send(admin, 'POST', '/api/v1/nodes/n1/proxy/run', {})).code).toBe(405);
  });
});

describe('the insecure port', () => {
  it.each(['0.0.0.0', '10.0.0.1', '::', 'example.com'])('is refused on %s', async (address) => {
    await expect(startApiServer({ storage: { kind: 'memory' }, insecureBind: { address, port: 0 }, logger: createLogger('apiserver', 'silent') })).rejects.toThrow('only on loopback');
  });

  describe('once open', () => {
    let server: RunningApiServer;

    beforeAll(async () => {
      server = await startApiServer({
        storage: { kind: 'memory' }, insecureBind: { address: '127.0.0.1', port: 0 }, logger: createLogger('apiserver', 'silent'), disabledAdmissionPlugins: ['ServiceAccount'],
      });
    });

    afterAll(() => server.stop());

    const create = async (headers: Record<string, string>): Promise<number> => {
      const { statusCode, body } = await request(server.url + pods, { method: 'POST', headers, body: JSON.stringify(podBody('foreign')) });
      await body.dump();
      return statusCode;
    };

    it.each(['http://evil.example', 'null'])('takes nothing from a page of the origin %s', async (origin) => {
      expect(await create({ origin })).toBe(403);
    });

    it.each(['evil.example', 'evil.example:80', '10.0.0.1'])('serves no other host than itself: not %s', async (host) => {
      expect(await create({ host })).toBe(403);
    });

    it('serves its own host, and pages of its own', async () => {
      const { host, port } = new URL(server.url);
      expect(await create({ host: `localhost:${port}`, origin: `http://localhost:${port}` })).toBe(201);
      expect(await create({ host })).toBe(409);
    });

    it('refuses an upgrade from a page of another origin', async () => {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/pods?watch=true`, { headers: { origin: 'http://evil.example' } });
      const message = await new Promise<string>((resolve) => { socket.once('error', (error: Error) => resolve(error.message)); });
      expect(message).toContain('403');
    });
  });
});
