import { createSign, createVerify, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openAuthority } from './authority.ts';
import { ensureControlPlaneCertificates, ensureNodeCertificates } from './cluster-certificates.ts';
import { writeKubeconfig } from './kubeconfig.ts';

let folder = '';
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'podling-pki-'))));
afterEach(() => rm(folder, { recursive: true }));

const read = async (file: string) => new X509Certificate(await readFile(file));
const subject = async (file: string) => (await read(file)).subject.split('\n');

describe('cluster certificates', () => {
  it('carry the subjects that Kubernetes has for them', async () => {
    const pki = await ensureControlPlaneCertificates(folder, { ips: ['172.30.7.1'] });
    const node = await ensureNodeCertificates(folder, { name: 'node-1', ip: '172.30.7.2' });
    expect(await subject(pki.admin.cert)).toEqual(['O=system:masters', 'CN=kubernetes-admin']);
    expect(await subject(pki.apiserverKubeletClient.cert)).toEqual(['CN=kube-apiserver-kubelet-client']);
    expect(await subject(pki.scheduler.cert)).toEqual(['CN=system:kube-scheduler']);
    expect(await subject(pki.controllerManager.cert)).toEqual(['CN=system:kube-controller-manager']);
    expect(await subject(node.client.cert)).toEqual(['O=system:nodes', 'CN=system:node:node-1']);
    expect((await read(node.serving.cert)).checkIP('172.30.7.2')).toBe('172.30.7.2');
  });

  it('are signed by the cluster or by the etcd authority, never by both', async () => {
    const pki = await ensureControlPlaneCertificates(folder, { ips: ['172.30.7.1'] });
    const ca = (await read(pki.ca)).publicKey;
    const etcdCa = (await read(pki.etcdCa)).publicKey;
    for (const pair of [pki.etcd, pki.apiserverEtcdClient, pki.flannelEtcdClient]) {
      const certificate = await read(pair.cert);
      expect([certificate.verify(ca), certificate.verify(etcdCa)]).toEqual([false, true]);
    }
    for (const pair of [pki.apiserver, pki.apiserverKubeletClient, pki.admin, pki.scheduler, pki.controllerManager, pki.coredns]) {
      const certificate = await read(pair.cert);
      expect([certificate.verify(ca), certificate.verify(etcdCa)]).toEqual([true, false]);
    }
  });

  it('keep their keys to the owner', async () => {
    const pki = await ensureControlPlaneCertificates(folder, { ips: ['172.30.7.1'] });
    for (const key of [pki.admin.key, pki.etcd.key, join(folder, 'ca.key')]) expect((await stat(key)).mode & 0o777).toBe(0o600);
  });

  it('are kept while they are valid and say the same, else made again', async () => {
    const before = await ensureControlPlaneCertificates(folder, { ips: ['172.30.7.1'] });
    const [apiserver, admin] = await Promise.all([read(before.apiserver.cert), read(before.admin.cert)]);
    await ensureControlPlaneCertificates(folder, { ips: ['172.30.7.1'] });
    expect((await read(before.apiserver.cert)).serialNumber).toBe(apiserver.serialNumber);
    await ensureControlPlaneCertificates(folder, { ips: ['172.30.8.1'] });
    expect((await read(before.apiserver.cert)).serialNumber).not.toBe(apiserver.serialNumber);
    expect((await read(before.admin.cert)).serialNumber).toBe(admin.serialNumber);
  });

  it('are made again when another authority has signed them', async () => {
    const wanted = { commonName: 'x', usages: ['client' as const] };
    const first = { cert: join(folder, 'leaf.crt'), key: join(folder, 'leaf.key') };
    await (await openAuthority(folder, 'ca', 'one')).ensure(first, wanted);
    const serial = (await read(first.cert)).serialNumber;
    await Promise.all([rm(join(folder, 'ca.crt')), rm(join(folder, 'ca.key'))]);
    await (await openAuthority(folder, 'ca', 'one')).ensure(first, wanted);
    expect((await read(first.cert)).serialNumber).not.toBe(serial);
  });
});

describe('keys of service accounts', () => {
  it('sign what the public key verifies, and are kept', async () => {
    const { serviceAccount } = await ensureControlPlaneCertificates(folder, { ips: [] });
    const [key, publicKey] = await Promise.all([readFile(serviceAccount.key), readFile(serviceAccount.publicKey)]);
    const signature = createSign('sha256').update('token').sign(key);
    expect(createVerify('sha256').update('token').verify(publicKey, signature)).toBe(true);
    expect((await stat(serviceAccount.key)).mode & 0o777).toBe(0o600);
    await rm(serviceAccount.publicKey);
    await ensureControlPlaneCertificates(folder, { ips: [] });
    expect([await readFile(serviceAccount.key), await readFile(serviceAccount.publicKey)]).toEqual([key, publicKey]);
  });
});

describe('a TLS server with these certificates', () => {
  it('admits a client of the cluster and knows its name', async () => {
    const pki = await ensureControlPlaneCertificates(folder, { ips: [] });
    const files = await Promise.all([pki.apiserver.key, pki.apiserver.cert, pki.ca, pki.scheduler.key, pki.scheduler.cert].map((file) => readFile(file)));
    const [key, cert, ca, clientKey, clientCert] = files as [Buffer, Buffer, Buffer, Buffer, Buffer];
    const server = createServer({ key, cert, ca, requestCert: true, rejectUnauthorized: true }, (incoming, response) => {
      response.end((incoming.socket as TLSSocket).getPeerCertificate().subject.CN);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      const port = (server.address() as AddressInfo).port;
      const name = await new Promise((done, fail) => {
        request({ host: '127.0.0.1', port, ca, key: clientKey, cert: clientCert, agent: false }, (response) => {
          response.setEncoding('utf8').on('data', done);
        }).on('error', fail).end();
      });
      expect(name).toBe('system:kube-scheduler');
    } finally {
      await new Promise((done) => server.close(done));
    }
  });
});

describe('kubeconfig', () => {
  it('carries server, authority and credentials, and only its owner reads it', async () => {
    const pki = await ensureControlPlaneCertificates(folder, { ips: ['172.30.7.1'] });
    const path = join(folder, 'admin.kubeconfig');
    await writeKubeconfig(path, { server: 'https://172.30.7.1:6443', clusterName: 'podling', user: 'kubernetes-admin', caFile: pki.ca, client: pki.admin });
    const config = parse(await readFile(path, 'utf8')) as Record<string, any>;
    expect(config['current-context']).toBe('kubernetes-admin@podling');
    expect(config['clusters'][0].cluster.server).toBe('https://172.30.7.1:6443');
    expect(Buffer.from(config['clusters'][0].cluster['certificate-authority-data'], 'base64')).toEqual(await readFile(pki.ca));
    expect(Buffer.from(config['users'][0].user['client-key-data'], 'base64')).toEqual(await readFile(pki.admin.key));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});
