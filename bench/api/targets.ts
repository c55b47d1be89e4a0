import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startEtcd } from '@podling/apiserver/testing';
import type { TestEtcd } from '@podling/apiserver/testing';
import type { ControlPlaneCertificates } from '@podling/deploy/pki';
import { Requests } from './requests.ts';
import type { Target } from './target.ts';

const root = join(import.meta.dirname, '../..');

async function startOwnEtcd({ etcdCa: ca, etcd }: ControlPlaneCertificates): Promise<TestEtcd> {
  return startEtcd({ tls: { ca, cert: etcd.cert, key: etcd.key } });
}

async function stop(child: ChildProcess, etcd: TestEtcd): Promise<void> {
  if (child.exitCode === null) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await etcd.stop();
}

async function targetOf(name: string, port: number, child: ChildProcess, etcd: TestEtcd, { ca, admin }: ControlPlaneCertificates): Promise<Target> {
  const tls = { ca: await readFile(ca, 'utf8'), cert: await readFile(admin.cert, 'utf8'), key: await readFile(admin.key, 'utf8') };
  return { name, origin: `https://127.0.0.1:${port}`, tls, headers: {}, pid: child.pid ?? 0, stop: () => stop(child, etcd) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The apiserver as `bin/apiserver` starts it, on an etcd of its own, everything over TLS. */
export async function startApiserver(certificates: ControlPlaneCertificates): Promise<Target> {
  const etcd = await startOwnEtcd(certificates);
  const port = await freePort();
  const { etcdCa, apiserverEtcdClient, apiserver, ca, serviceAccount } = certificates;
  const child = spawn(join(root, 'bin/apiserver'), [
    '--etcd-servers', etcd.endpoint, '--etcd-cafile', etcdCa, '--etcd-certfile', apiserverEtcdClient.cert, '--etcd-keyfile', apiserverEtcdClient.key,
    '--bind-address', '127.0.0.1', '--secure-port', String(port), '--tls-cert-file', apiserver.cert, '--tls-private-key-file', apiserver.key,
    '--client-ca-file', ca, '--service-account-signing-key-file', serviceAccount.key, '--disable-admission-plugins', 'ServiceAccount',
  ], { stdio: ['ignore', 'ignore', 'inherit'] });
  const target = await targetOf('podling', port, child, etcd, certificates);
  await ready(target);
  return target;
}

async function ready(target: Target): Promise<void> {
  const requests = new Requests(target);
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const answered = await requests.send('GET', '/readyz').then(() => true, () => false);
    if (answered) return requests.close();
    await setTimeout(100);
  }
  throw new Error('the apiserver does not become ready');
}

export async function startFloor(certificates: ControlPlaneCertificates): Promise<Target> {
  const etcd = await startOwnEtcd(certificates);
  const { etcdCa, apiserverEtcdClient, apiserver, ca } = certificates;
  const options = { etcd: { endpoint: etcd.endpoint, ca: etcdCa, ...apiserverEtcdClient }, serving: { ca, ...apiserver } };
  const program = join(import.meta.dirname, 'floor-server.ts');
  const child = spawn(join(root, 'node_modules/.bin/node'), [program, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return targetOf('floor', Number(line.toString('utf8')), child, etcd, certificates);
}
