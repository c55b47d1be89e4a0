import { join } from 'node:path';
import { openAuthority } from './authority.ts';
import type { Authority, CertificateRequest } from './authority.ts';
import { ensureBareKeys, pairPaths } from './key-pair.ts';
import type { BareKeyPaths, KeyPairPaths } from './key-pair.ts';

/** Where the control plane can be reached. `serviceIp` is the first address of the service network. */
export interface ControlPlaneAddresses {
  ips: string[];
  dnsNames?: string[];
  serviceIp?: string;
}

/** The certificates of a cluster's control plane, with the subjects that Kubernetes gives them. */
export interface ControlPlaneCertificates {
  ca: string;
  etcdCa: string;
  etcd: KeyPairPaths;
  apiserver: KeyPairPaths;
  apiserverKubeletClient: KeyPairPaths;
  apiserverEtcdClient: KeyPairPaths;
  flannelEtcdClient: KeyPairPaths;
  admin: KeyPairPaths;
  scheduler: KeyPairPaths;
  controllerManager: KeyPairPaths;
  coredns: KeyPairPaths;
  /** Signs the tokens of service accounts. */
  serviceAccount: BareKeyPaths;
}

/** A node's own pair: `client` speaks to the apiserver, `serving` answers it. */
export interface NodeCertificates {
  client: KeyPairPaths;
  serving: KeyPairPaths;
}

const kubernetesNames = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', 'localhost'];

/** Where the control plane's certificates are; says nothing about whether they exist. */
export function controlPlaneCertificates(folder: string): ControlPlaneCertificates {
  const etcdFolder = join(folder, 'etcd');
  return {
    ca: join(folder, 'ca.crt'),
    etcdCa: join(etcdFolder, 'ca.crt'),
    etcd: pairPaths(etcdFolder, 'server'),
    apiserver: pairPaths(folder, 'apiserver'),
    apiserverKubeletClient: pairPaths(folder, 'apiserver-kubelet-client'),
    apiserverEtcdClient: pairPaths(etcdFolder, 'apiserver-client'),
    flannelEtcdClient: pairPaths(etcdFolder, 'flannel-client'),
    admin: pairPaths(folder, 'admin'),
    scheduler: pairPaths(folder, 'scheduler'),
    controllerManager: pairPaths(folder, 'controller-manager'),
    coredns: pairPaths(folder, 'coredns'),
    serviceAccount: { key: join(folder, 'sa.key'), publicKey: join(folder, 'sa.pub') },
  };
}

/** Where a node's certificates are. */
export function nodeCertificates(folder: string, node: string): NodeCertificates {
  const nodes = join(folder, 'nodes');
  return { client: pairPaths(nodes, `${node}-client`), serving: pairPaths(nodes, `${node}-serving`) };
}

/**
 * Makes what is missing of the control plane's certificates: two authorities (cluster, etcd), the pairs signed by
 * them and the keys of service accounts. Source of names and groups: Kubernetes, "PKI certificates and requirements".
 */
export async function ensureControlPlaneCertificates(folder: string, addresses: ControlPlaneAddresses): Promise<ControlPlaneCertificates> {
  const pki = controlPlaneCertificates(folder);
  const [ca, etcdCa] = await Promise.all([openClusterCa(folder), openAuthority(join(folder, 'etcd'), 'ca', 'etcd-ca')]);
  await Promise.all([ensureEtcdPairs(etcdCa, pki, addresses), ensureClusterPairs(ca, pki, addresses), ensureBareKeys(pki.serviceAccount)]);
  return pki;
}

/** Makes what is missing of one node's certificates. */
export async function ensureNodeCertificates(folder: string, node: { name: string; ip: string }): Promise<NodeCertificates> {
  const ca = await openClusterCa(folder);
  const pairs = nodeCertificates(folder, node.name);
  const identity = { commonName: `system:node:${node.name}`, organization: 'system:nodes' };
  await Promise.all([
    ca.ensure(pairs.client, { ...identity, usages: ['client'] }),
    ca.ensure(pairs.serving, { ...identity, usages: ['server'], ips: [node.ip], dnsNames: [node.name] }),
  ]);
  return pairs;
}

function openClusterCa(folder: string): Promise<Authority> {
  return openAuthority(folder, 'ca', 'kubernetes-ca');
}

async function ensureEtcdPairs(etcdCa: Authority, pki: ControlPlaneCertificates, { ips }: ControlPlaneAddresses): Promise<void> {
  await Promise.all([
    etcdCa.ensure(pki.etcd, { commonName: 'etcd', usages: ['server', 'client'], ips: ['127.0.0.1', ...ips], dnsNames: ['localhost'] }),
    etcdCa.ensure(pki.apiserverEtcdClient, { commonName: 'kube-apiserver-etcd-client', usages: ['client'] }),
    etcdCa.ensure(pki.flannelEtcdClient, { commonName: 'flanneld-etcd-client', usages: ['client'] }),
  ]);
}

async function ensureClusterPairs(ca: Authority, pki: ControlPlaneCertificates, addresses: ControlPlaneAddresses): Promise<void> {
  await Promise.all([
    ca.ensure(pki.apiserver, apiserverServing(addresses)),
    ca.ensure(pki.apiserverKubeletClient, { commonName: 'kube-apiserver-kubelet-client', usages: ['client'] }),
    ca.ensure(pki.admin, { commonName: 'kubernetes-admin', organization: 'system:masters', usages: ['client'] }),
    ca.ensure(pki.scheduler, { commonName: 'system:kube-scheduler', usages: ['client'] }),
    ca.ensure(pki.controllerManager, { commonName: 'system:kube-controller-manager', usages: ['client'] }),
    ca.ensure(pki.coredns, { commonName: 'system:coredns', usages: ['client'] }),
  ]);
}

function apiserverServing({ ips, dnsNames = [], serviceIp }: ControlPlaneAddresses): CertificateRequest {
  return {
    commonName: 'kube-apiserver',
    usages: ['server'],
    ips: ['127.0.0.1', ...ips, ...(serviceIp === undefined ? [] : [serviceIp])],
    dnsNames: [...kubernetesNames, ...dnsNames],
  };
}
