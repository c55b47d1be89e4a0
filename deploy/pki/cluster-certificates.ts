import { join } from 'node:path';
import { openAuthority } from './authority.ts';
import type { Authority } from './authority.ts';
import type { KeyPairPaths } from './key-pair.ts';

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
}

/** A node's own pair: `client` speaks to the apiserver, `serving` answers it. */
export interface NodeCertificates {
  client: KeyPairPaths;
  serving: KeyPairPaths;
}

const kubernetesNames = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', 'localhost'];

const openClusterCa = (folder: string): Promise<Authority> => openAuthority(folder, 'ca', 'kubernetes-ca');

/**
 * Makes what is missing of the control plane's certificates in `folder`: two authorities (cluster, etcd) and the
 * pairs signed by them. Source of names and groups: Kubernetes, "PKI certificates and requirements".
 */
export async function ensureControlPlaneCertificates(folder: string, addresses: ControlPlaneAddresses): Promise<ControlPlaneCertificates> {
  const [ca, etcdCa] = await Promise.all([openClusterCa(folder), openAuthority(join(folder, 'etcd'), 'ca', 'etcd-ca')]);
  const [etcd, own] = await Promise.all([etcdPairs(etcdCa, addresses), clusterPairs(ca, addresses)]);
  return { ca: ca.certFile, etcdCa: etcdCa.certFile, ...etcd, ...own };
}

async function etcdPairs(etcdCa: Authority, { ips }: ControlPlaneAddresses) {
  const [etcd, apiserverEtcdClient, flannelEtcdClient] = await Promise.all([
    etcdCa.ensure('server', { commonName: 'etcd', usages: ['server', 'client'], ips: ['127.0.0.1', ...ips], dnsNames: ['localhost'] }),
    etcdCa.ensure('apiserver-client', { commonName: 'kube-apiserver-etcd-client', usages: ['client'] }),
    etcdCa.ensure('flannel-client', { commonName: 'flanneld-etcd-client', usages: ['client'] }),
  ]);
  return { etcd, apiserverEtcdClient, flannelEtcdClient };
}

async function clusterPairs(ca: Authority, addresses: ControlPlaneAddresses) {
  const client = (name: string, commonName: string, organization?: string) =>
    ca.ensure(name, { commonName, usages: ['client'], ...(organization === undefined ? {} : { organization }) });
  const [apiserver, apiserverKubeletClient, admin, scheduler, controllerManager] = await Promise.all([
    ca.ensure('apiserver', apiserverServing(addresses)),
    client('apiserver-kubelet-client', 'kube-apiserver-kubelet-client', 'system:masters'),
    client('admin', 'kubernetes-admin', 'system:masters'),
    client('scheduler', 'system:kube-scheduler'),
    client('controller-manager', 'system:kube-controller-manager'),
  ]);
  return { apiserver, apiserverKubeletClient, admin, scheduler, controllerManager };
}

function apiserverServing({ ips, dnsNames = [], serviceIp }: ControlPlaneAddresses) {
  return {
    commonName: 'kube-apiserver',
    usages: ['server' as const],
    ips: ['127.0.0.1', ...ips, ...(serviceIp === undefined ? [] : [serviceIp])],
    dnsNames: [...kubernetesNames, ...dnsNames],
  };
}

/** Makes what is missing of one node's certificates, in `folder/nodes`. */
export async function ensureNodeCertificates(folder: string, node: { name: string; ip: string }): Promise<NodeCertificates> {
  const ca = await openClusterCa(folder);
  const identity = { commonName: `system:node:${node.name}`, organization: 'system:nodes' };
  const [client, serving] = await Promise.all([
    ca.ensure(`nodes/${node.name}-client`, { ...identity, usages: ['client'] }),
    ca.ensure(`nodes/${node.name}-serving`, { ...identity, usages: ['server'], ips: [node.ip], dnsNames: [node.name] }),
  ]);
  return { client, serving };
}
