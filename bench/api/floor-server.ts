/**
 * The floor: what any such server pays, and nothing else. Objects are the clients' bytes; no validation, no versions, no
 * selectors that could match. `node floor-server.ts OPTIONS-AS-JSON`; prints its port once it listens.
 */
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { noop } from 'cockatiel';
import { Etcd3 } from 'etcd3';

interface FloorOptions {
  etcd: { endpoint: string; ca: string; cert: string; key: string };
  serving: { ca: string; cert: string; key: string };
}

const { etcd, serving } = JSON.parse(process.argv[2] ?? '') as FloorOptions;
const prefix = '/registry/pods/default/';
const client = new Etcd3({
  hosts: etcd.endpoint,
  credentials: { rootCertificate: readFileSync(etcd.ca), privateKey: readFileSync(etcd.key), certChain: readFileSync(etcd.cert) },
  grpcOptions: { 'grpc.max_receive_message_length': -1 },
  faultHandling: { host: () => noop, global: noop },
});
const watching = new Set<ServerResponse>();
const watcher = await client.watch().prefix(prefix).create();
watcher.on('put', ({ value }) => {
  const line = Buffer.concat([Buffer.from('{"type":"ADDED","object":'), value, Buffer.from('}\n')]);
  for (const response of watching) response.write(line);
});

function answer(response: ServerResponse, code: number, body: Buffer): void {
  response.writeHead(code, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  response.end(body);
}

async function create(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const { name } = (JSON.parse(body.toString('utf8')) as { metadata: { name: string } }).metadata;
  const { succeeded } = await client.if(prefix + name, 'Create', '==', 0).then(client.put(prefix + name).value(body)).commit();
  answer(response, succeeded ? 201 : 409, body);
}

async function list(response: ServerResponse, url: URL): Promise<void> {
  const { kvs } = await client.getAll().prefix(prefix).exec();
  const items = url.searchParams.has('labelSelector') ? [] : kvs.flatMap(({ value }) => [Buffer.from(','), value]).slice(1);
  answer(response, 200, Buffer.concat([Buffer.from('{"items":['), ...items, Buffer.from(']}')]));
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://floor');
  if (request.method === 'POST') return create(request, response);
  if (url.searchParams.has('watch')) {
    response.writeHead(200, { 'Content-Type': 'application/json' }).flushHeaders();
    watching.add(response);
    response.once('close', () => watching.delete(response));
    return;
  }
  const name = url.pathname.split('/')[6];
  if (name === undefined) return list(response, url);
  const value = await client.get(prefix + name).buffer();
  answer(response, value ? 200 : 404, value ?? Buffer.from('{}'));
}

const files = { ca: readFileSync(serving.ca), cert: readFileSync(serving.cert), key: readFileSync(serving.key) };
const server = createServer({ ...files, requestCert: true, noDelay: true }, (request, response) => {
  void serve(request, response).catch((error: unknown) => answer(response, 500, Buffer.from(JSON.stringify(String(error)))));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
