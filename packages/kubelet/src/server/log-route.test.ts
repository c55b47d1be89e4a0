import { appendFile, mkdir, readdir, readlink, writeFile } from 'node:fs/promises';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CriError } from '@podling/cri';
import type { Pod } from '@podling/shared/api';
import { createLogger, systemClock } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { createRoutes, type RoutesOptions } from './routes.ts';

const pod: Pod = { metadata: { name: 'web', namespace: 'default', uid: 'u1' }, spec: { containers: [{ name: 'main' }] } };
const status = { containerStatuses: [{ name: 'main', image: 'i', imageID: '', ready: true, restartCount: 0, containerID: 'containerd://c1', state: { running: {} } }] };
const line = (content: string): string => `2026-01-01T00:00:01.123456789Z stdout F ${content}\n`;

function counted(answer: IncomingMessage): () => number {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => void (bytes += chunk.length));
  return () => bytes;
}

/** By this process. */
async function timesOpen(path: string): Promise<number> {
  const descriptors = await readdir('/proc/self/fd');
  const targets = await Promise.all(descriptors.map((descriptor) => readlink(`/proc/self/fd/${descriptor}`).catch(() => '')));
  return targets.filter((target) => target === path).length;
}

describe('the log of a container, over HTTP', () => {
  let server: Server;
  let path: string;
  let containerStatus: () => Promise<object>;

  beforeEach(async () => {
    path = join(await tempDir(), 'pod/main/0.log');
    await mkdir(dirname(path), { recursive: true });
    containerStatus = async () => ({ logPath: path, state: 'CONTAINER_RUNNING', finishedAtMs: 0 });
    const options = {
      health: [], enableDebuggingHandlers: true, configuration: {}, pods: { getByName: (_: string, name: string) => (name === 'web' ? pod : undefined) }, statusOf: () => status,
      access: (_request: unknown, _response: unknown, next: () => void) => next(), logger: createLogger('test', 'silent'), clock: systemClock,
      runtime: { containerStatus: () => containerStatus() },
    } as unknown as RoutesOptions;
    const routes = createRoutes(options);
    server = createServer((request, response) => void routes(request, response));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => void server.close(resolve));
  });

  function open(query = '', place = 'web/main'): Promise<IncomingMessage> {
    const { port } = server.address() as AddressInfo;
    return new Promise((resolve, reject) => {
      get({ port, host: '127.0.0.1', path: `/containerLogs/default/${place}${query}`, agent: false }, resolve).on('error', reject);
    });
  }

  async function ask(query = '', place = 'web/main'): Promise<[number, string]> {
    const answer = await open(query, place);
    return [answer.statusCode ?? 0, await text(answer)];
  }

  it('is what there is, as asked', async () => {
    await writeFile(path, line('one') + line('two'));
    expect(await ask('?tailLines=1&timestamps=true')).toEqual([200, '2026-01-01T00:00:01.123456789Z two\n']);
    expect(await ask('?follow=false&limitBytes=5')).toEqual([200, 'one\nt']);
  });

  it.each([
    ['?tailLines=-1', 'web/main', 422, 'tailLines: Invalid value: -1: must be greater than or equal to 0'],
    ['?tailLines=-1', 'nobody/main', 422, 'tailLines: Invalid value: -1: must be greater than or equal to 0'],
    ['', 'nobody/main', 404, 'pod "nobody" does not exist'],
    ['', 'web/other', 404, 'container "other" not found in pod "web"'],
    ['?previous=true', 'web/main', 400, 'previous terminated container "main" in pod "web" not found'],
  ])('is refused for %s of %s', async (query, place, code, message) => {
    expect(await ask(query, place)).toEqual([code, message]);
  });

  it('is told to be lost when the runtime has forgotten the container', async () => {
    containerStatus = () => Promise.reject(new CriError('NotFound', 'no such container'));
    expect(await ask()).toEqual([400, 'unable to retrieve container logs for containerd://c1']);
  });

  it('is followed until the container has ended', async () => {
    await writeFile(path, line('one'));
    const answer = await open('?follow=true');
    const reading = text(answer);
    await appendFile(path, line('two'));
    containerStatus = async () => ({ logPath: path, state: 'CONTAINER_EXITED', finishedAtMs: 0 });
    expect(await reading).toBe('one\ntwo\n');
  });

  it('waits for a client that does not read without keeping others waiting or much in memory', async () => {
    const content = line('x'.repeat(1000)).repeat(1000);
    for (let part = 0; part < 8; part += 1) await appendFile(path, content);
    const whole = 8 * 1000 * 1001;
    const connected = new Promise<Socket>((resolve) => void server.once('connection', resolve));
    const slow = await open('?follow=true');
    const toSlow = await connected;
    const fast = await open('?follow=true');
    const bytes = counted(fast);
    await eventually(() => expect(bytes()).toBe(whole));
    await appendFile(path, line('late'));
    await eventually(() => expect(bytes()).toBe(whole + 5));
    expect(toSlow.bytesWritten).toBeLessThan(whole);
    expect(toSlow.writableLength).toBeLessThan(1024 * 1024);
    const slowBytes = counted(slow);
    await eventually(() => expect(slowBytes()).toBe(whole + 5));
    for (const answer of [slow, fast]) answer.destroy();
  });

  it('is looked after no more when the client has gone', async () => {
    await writeFile(path, line('one'));
    const answers = await Promise.all(Array.from({ length: 10 }, () => open('?follow=true')));
    await Promise.all(answers.map((answer) => new Promise((resolve) => void answer.once('data', resolve))));
    expect(await timesOpen(path)).toBeGreaterThan(0);
    for (const answer of answers) answer.destroy();
    await eventually(async () => expect(await timesOpen(path)).toBe(0));
  });
});
