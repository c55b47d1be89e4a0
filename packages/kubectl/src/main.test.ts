import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const launcher = fileURLToPath(new URL('../../../bin/kubectl', import.meta.url));
const columnDefinitions = [{ name: 'Name' }];
const rows = Array.from({ length: 20_000 }, (_, i) => ({ cells: [`a-pod-with-a-long-name-${i}`] }));
const answers: Record<string, object> = {
  '/api/v1': { groupVersion: 'v1', resources: [{ name: 'pods', kind: 'Pod', namespaced: true }] },
  '/api/v1/namespaces/default/pods': { kind: 'Table', metadata: {}, columnDefinitions, rows },
  '/api/v1/namespaces/default/pods/web': { kind: 'Table', metadata: { resourceVersion: '1' }, columnDefinitions, rows: rows.slice(0, 1) },
};

/** Answers from the table; a watch is opened and never says anything. */
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://h');
  response.setHeader('content-type', 'application/json');
  if (searchParams.has('watch')) response.flushHeaders();
  else response.end(JSON.stringify(answers[pathname] ?? { kind: 'Status' }));
});

let folder: string;
let link: string;
const children: ChildProcess[] = [];

function start(...words: string[]) {
  const { port } = server.address() as AddressInfo;
  const child = spawn(link, ['-s', `http://127.0.0.1:${port}`, ...words], { cwd: '/', env: { ...process.env, HOME: folder, KUBECONFIG: '' } });
  children.push(child);
  return child;
}

describe('bin/kubectl', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'podling-launcher-'));
    link = join(folder, 'k');
    await symlink(launcher, link);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, maxRetries: 3 });
  });

  it('works from any folder through a symbolic link', async () => {
    const child = start('get', 'pod', 'web', '--no-headers');
    const [stdout, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect({ stdout, exitCode }).toEqual({ stdout: 'a-pod-with-a-long-name-0\n', exitCode: 0 });
  });

  it('writes all of a long answer before it ends', async () => {
    const child = start('get', 'pods', '--no-headers');
    const [stdout] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(rows.length);
  });

  it('ends quietly when its reader goes away', async () => {
    const child = start('get', 'pods');
    const stderr = text(child.stderr);
    child.stdout.destroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await stderr).toBe('');
  });

  it('exits with 130 and no words on Ctrl-C', async () => {
    const child = start('get', 'pod', 'web', '-w', '--no-headers');
    const stderr = text(child.stderr);
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    expect(await stderr).toBe('');
  });

  it('says what to do before the dependencies are there', async () => {
    const clone = join(folder, 'clone');
    await mkdir(join(clone, 'bin'), { recursive: true });
    await cp(launcher, join(clone, 'bin', 'kubectl'));
    const child = spawn(join(clone, 'bin', 'kubectl'), ['get', 'pods']);
    children.push(child);
    const [stderr, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('run npm ci first');
  });
});
