import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readManifestUrl } from './manifest-url.ts';

let server: Server;

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/web.yaml`;
}

describe('readManifestUrl', () => {
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('reads what is there, where it has moved to too', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/new.yaml') response.end('kind: Pod');
      else response.writeHead(302, { location: '/new.yaml' }).end();
    });
    expect(await readManifestUrl(url)).toBe('kind: Pod');
  });

  it('asks a server that fails again', async () => {
    const answers = [500, 503, 200];
    let pauses = 0;
    const url = await serve((_request, response) => response.writeHead(answers.shift() ?? 500).end('kind: Pod'));
    expect(await readManifestUrl(url, async () => void (pauses += 1))).toBe('kind: Pod');
    expect(pauses).toBe(2);
  });

  it.each([[404, 1, 'Not Found'], [502, 3, 'Bad Gateway']])('gives up at %i', async (status, attempts, text) => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.writeHead(status).end();
    });
    await expect(readManifestUrl(url, async () => {})).rejects.toThrow(`unable to read URL "${url}", server reported ${status} ${text}, status code=${status}`);
    expect(asked).toBe(attempts);
  });

  it('names it when it breaks off', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('kind: Pod', () => response.destroy());
    });
    await expect(readManifestUrl(url)).rejects.toThrow(`unable to read URL "${url}": `);
  });

  it('says that nobody listens', async () => {
    const url = await serve(() => {});
    server.close();
    await once(server, 'close');
    await expect(readManifestUrl(url)).rejects.toThrow(/^unable to read URL "http:.*ECONNREFUSED/);
  });
});
