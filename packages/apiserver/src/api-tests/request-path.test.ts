import { connect } from 'node:net';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Status } from '@podling/shared/api';
import { SecureTestServer, useSecureServer } from '../testing/secure-server.ts';
import { podBody, pods, TestServer, useTestServer } from '../testing/test-server.ts';

/** A POST whose body never comes. Resolves when the server has taken its headers. */
async function slowPost(url: string, path: string): Promise<{ answer: Promise<string>; end(): void }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: string[] = [];
  socket.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  await once(socket, 'connect');
  socket.write(`POST ${path} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n`);
  await once(socket, 'data');
  return { answer: once(socket, 'close').then(() => chunks.join('')), end: () => socket.destroy() };
}

describe('a request', () => {
  const server = useTestServer();

  it('has an id, its own or that of its client', async () => {
    const { headers } = await server.send('GET', pods);
    expect(headers.get('audit-id')).toMatch(/^[0-9a-f-]{36}$/);
    const named = await fetch(server.url + pods, { headers: { 'audit-id': 'mine-1' } });
    expect(named.headers.get('audit-id')).toBe('mine-1');
    const long = await fetch(server.url + pods, { headers: { 'audit-id': 'x'.repeat(65) } });
    expect(long.headers.get('audit-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('ends with 504 when its own time is up', async () => {
    const { answer } = await slowPost(server.url, `${pods}?timeout=50ms`);
    const text = await answer;
    expect(text).toContain('HTTP/1.1 504 ');
    expect(JSON.parse(text.slice(text.lastIndexOf('\r\n\r\n')))).toMatchObject({ kind: 'Status', reason: 'Timeout', code: 504 });
  });

  it('is refused when its time is no duration', async () => {
    const { code, body } = await server.send<Status>('GET', `${pods}?timeout=soon`);
    expect([code, body.reason]).toEqual([400, 'BadRequest']);
    expect(body.message).toContain('invalid timeout specified in the request URL');
  });

  it('that is upgraded passes the same filters', async () => {
    const refused = new WebSocket(`${server.url.replace('http', 'ws')}${pods}?watch=1`, { origin: 'http://elsewhere.example' });
    const [, response] = (await once(refused, 'unexpected-response')) as [unknown, { statusCode: number; headers: Record<string, string> }];
    expect(response.statusCode).toBe(403);
    expect(response.headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('requests in flight', () => {
  const server = useSecureServer({ maxRequestsInFlight: { readOnly: 400, mutating: 1 } });

  it('past the limit are told to come again, masters are not, and reads have a limit of their own', async () => {
    const scheduler = await server.agent('system:kube-scheduler');
    const admin = await server.agent('admin', 'system:masters');
    const insecure = server.plain.insecureUrl;
    const slow = await slowPost(insecure, pods);
    const binding = { metadata: { name: 'x' }, target: { name: 'n' } };
    const refused = await server.send(scheduler, 'POST', `${pods}/x/binding`, { body: binding });
    expect([refused.code, refused.status.reason, refused.headers['retry-after']]).toEqual([429, 'TooManyRequests', '1']);
    expect(refused.status.details?.retryAfterSeconds).toBe(1);
    expect((await server.send(scheduler, 'GET', pods)).code).toBe(200);
    expect((await server.send(admin, 'POST', pods, { body: podBody('anyway') })).code).toBe(201);
    slow.end();
    await expect.poll(async () => (await server.send(scheduler, 'POST', `${pods}/x/binding`, { body: binding })).code).toBe(404);
  });
});

describe('the audit log', () => {
  it('has two events for each request that the policy wants, as far as it wants', async () => {
    const server = new SecureTestServer();
    const files = new TestServer();
    await server.start();
    const logPath = join(server.folder, 'audit.log');
    const policyFile = await server.write('policy.yaml', [
      'apiVersion: audit.k8s.io/v1', 'kind: Policy', 'rules:',
      '- {level: None, nonResourceURLs: ["/*"]}', '- {level: RequestResponse, verbs: [create]}', '- {level: Metadata}',
    ].join('\n'));
    await files.start({ audit: { logPath, policyFile } });
    await files.send('GET', '/version');
    await files.send('POST', pods, { body: podBody('recorded') });
    await files.send('GET', `${pods}/nobody`);
    await files.stop();
    const all = (await readFile(logPath, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    const events = all.filter(({ requestURI }) => String(requestURI).startsWith(pods) && !String(requestURI).includes('?'));
    await server.stop();
    expect(events.map(({ stage, verb, level }) => [stage, verb, level])).toEqual([
      ['RequestReceived', 'create', 'RequestResponse'], ['ResponseComplete', 'create', 'RequestResponse'],
      ['RequestReceived', 'get', 'Metadata'], ['ResponseComplete', 'get', 'Metadata'],
    ]);
    expect(events[1]).toMatchObject({
      kind: 'Event', apiVersion: 'audit.k8s.io/v1', user: { username: 'system:unsecured' }, requestURI: pods, responseStatus: { code: 201 },
      objectRef: { resource: 'pods', namespace: 'default', apiVersion: 'v1' },
      requestObject: { metadata: { name: 'recorded' } }, responseObject: { kind: 'Pod', status: { phase: 'Pending' } },
    });
    expect(events[0]?.['auditID']).toBe(events[1]?.['auditID']);
    expect(events[3]).toMatchObject({ responseStatus: { code: 404 }, objectRef: { name: 'nobody' } });
    expect(events[3]).not.toHaveProperty('responseObject');
  });

  it('leaves out a body that is nested too deep to be written, and the server goes on', async () => {
    const server = new SecureTestServer();
    const audited = new TestServer();
    await server.start();
    const logPath = join(server.folder, 'audit.log');
    const policyFile = await server.write('policy.yaml', '{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: Request}]}');
    await audited.start({ audit: { logPath, policyFile } });
    expect((await audited.send('POST', pods, { body: '['.repeat(100_000) + ']'.repeat(100_000) })).code).toBe(400);
    expect((await audited.send('POST', pods, { body: podBody('next') })).code).toBe(201);
    await audited.stop();
    const all = (await readFile(logPath, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    await server.stop();
    const complete = all.filter(({ stage, requestURI }) => stage === 'ResponseComplete' && requestURI === pods);
    expect(complete.map(({ requestObject }) => requestObject !== undefined)).toEqual([false, true]);
  });

  it('keeps the server from starting when it cannot be written, or its policy cannot be read', async () => {
    const server = new TestServer();
    await expect(server.start({ audit: { logPath: '/nowhere/at/all' } })).rejects.toThrow('ENOENT');
    await expect(new TestServer().start({ audit: { logPath: '-', policyFile: '/nowhere' } })).rejects.toThrow('--audit-policy-file /nowhere: ');
  });
});

describe('a server that stops', () => {
  it('ends its watches cleanly', async () => {
    const server = new TestServer();
    await server.start();
    const watch = await fetch(`${server.url}${pods}?watch=1`);
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${pods}?watch=1`);
    await once(socket, 'open');
    const closed = once(socket, 'close');
    await server.stop();
    expect(await watch.text()).toBe('');
    expect((await closed)[0]).toBe(1001);
  });
});

describe('a watch', () => {
  const server = useTestServer({ minRequestTimeoutMs: 1 });

  it('without a time of its own ends after the least time the server gives it', async () => {
    const watch = await fetch(`${server.url}${pods}?watch=1`);
    expect(await watch.text()).toBe('');
  });
});

describe('a request head', () => {
  const server = useTestServer();

  it('may be as long as Go takes it, and is told when it is longer', async () => {
    const selector = (terms: number): string => Array.from({ length: terms }, (_, index) => `label-number-${index}`).join(',');
    const ask = (terms: number) => fetch(`${server.url}${pods}?labelSelector=${selector(terms)}`);
    expect((await ask(1200)).status).toBe(200);
    expect((await ask(30_000)).status).toBe(400);
    expect((await ask(100_000)).status).toBe(431);
  });
});

describe('YAML', () => {
  const server = useTestServer();

  it('that the server writes is what it reads', async () => {
    const texts = ['yes', 'on', 'y', 'N', '12:30:45', '2020-01-01', '1_000', '0b1', '0x1f', '=', '<<', '~', 'null', '.inf', '1e3', '0644', 'a\tb', ' x ', 'a\nb\n', '- a', 'a: b', '# c', 'ü', '2001-12-14 21:59:43.10 -5', ''];
    const data = Object.fromEntries(texts.map((text, index) => [`k${index}`, text]));
    const path = '/api/v1/namespaces/default/configmaps';
    await server.send('POST', path, { body: { metadata: { name: 'texts' }, data } });
    const yaml = await server.send<string>('GET', `${path}/texts`, { accept: 'application/yaml' });
    const back = await server.send<{ data: object }>('PUT', `${path}/texts`, { body: yaml.body, contentType: 'application/yaml' });
    expect([back.code, back.body.data]).toEqual([200, data]);
  });
});
