import { join } from 'node:path';
import { toolchainDir } from '@podling/shared/process';
import { writeKubeconfig } from '../pki/index.ts';
import type { ControlPlaneCertificates } from '../pki/index.ts';
import { corednsProcess } from './cluster-dns.ts';
import { clusterPaths } from './cluster-paths.ts';
import type { ClusterPaths } from './cluster-paths.ts';
import { controlPlaneIp } from './cluster-record.ts';
import type { ClusterRecord } from './cluster-record.ts';
import { askHttps, isHealthy } from './https-json.ts';
import type { HttpsIdentity } from './https-json.ts';
import { managedProcess } from './managed-process.ts';
import type { ManagedProcess } from './managed-process.ts';
import { flagWords, podlingProcess } from './podling-process.ts';
import { flannelNetwork } from './render/flannel-conflist.ts';

export const etcdUrl = (record: ClusterRecord): string => `https://${controlPlaneIp(record)}:2379`;
export const apiserverUrl = (record: ClusterRecord): string => `https://${controlPlaneIp(record)}:6443`;

/** Who asks the apiserver as the cluster's administrator. */
export const adminIdentity = (pki: ControlPlaneCertificates): HttpsIdentity => ({ ca: pki.ca, client: pki.admin });

/** Writes the kubeconfigs of the administrator and of the control plane's own clients. */
export async function writeControlPlaneKubeconfigs(record: ClusterRecord, pki: ControlPlaneCertificates): Promise<void> {
  const paths = clusterPaths(record.name);
  const common = { server: apiserverUrl(record), clusterName: record.name, caFile: pki.ca };
  await Promise.all([
    writeKubeconfig(paths.adminKubeconfig, { ...common, user: 'kubernetes-admin', client: pki.admin }),
    writeKubeconfig(paths.schedulerKubeconfig, { ...common, user: 'system:kube-scheduler', client: pki.scheduler }),
    writeKubeconfig(paths.controllerManagerKubeconfig, { ...common, user: 'system:kube-controller-manager', client: pki.controllerManager }),
  ]);
}

/** The processes of the control plane, which run in the machine's own network namespace on the bridge's address. */
export interface ControlPlaneProcesses {
  etcd: ManagedProcess;
  apiserver: ManagedProcess;
  scheduler: ManagedProcess;
  controllerManager: ManagedProcess;
  coredns: ManagedProcess;
}

export function controlPlaneProcesses(record: ClusterRecord, pki: ControlPlaneCertificates): ControlPlaneProcesses {
  const paths = clusterPaths(record.name);
  const url = etcdUrl(record);
  return {
    etcd: managedProcess({
      name: 'etcd',
      command: join(toolchainDir(), 'bin/etcd'),
      args: etcdArgs(record, paths, pki),
      ...filesOf(paths, 'etcd'),
      ready: () => isHealthy(`${url}/health`, { ca: pki.etcdCa, client: pki.apiserverEtcdClient }),
    }),
    apiserver: podlingProcess({
      name: 'apiserver',
      args: apiserverArgs(record, pki),
      ...filesOf(paths, 'apiserver'),
      ready: () => isHealthy(`${apiserverUrl(record)}/readyz`, adminIdentity(pki)),
    }),
    scheduler: podlingProcess({ name: 'scheduler', args: flagWords({ kubeconfig: paths.schedulerKubeconfig }), ...filesOf(paths, 'scheduler') }),
    controllerManager: podlingProcess({
      name: 'controller-manager',
      args: flagWords({
        kubeconfig: paths.controllerManagerKubeconfig, 'root-ca-file': pki.ca, 'node-monitor-grace-period': record.times.nodeMonitorGracePeriod,
      }),
      ...filesOf(paths, 'controller-manager'),
    }),
    coredns: managedProcess({ ...corednsProcess(record), ...filesOf(paths, 'coredns') }),
  };
}

/** Tells flanneld, through etcd, which network the pods have. etcd serves its API as JSON on the same port. */
export async function writeFlannelNetwork(record: ClusterRecord, pki: ControlPlaneCertificates): Promise<void> {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const answer = await askHttps(
    `${etcdUrl(record)}/v3/kv/put`,
    { ca: pki.etcdCa, client: pki.flannelEtcdClient },
    { key: base64('/coreos.com/network/config'), value: base64(flannelNetwork(record.networks.pod)) },
  );
  if (answer.status !== 200) throw new Error(`etcd refused flannel's network configuration: ${answer.status} ${answer.body}`);
}

/** Where a process logs and where its PID is kept. */
export function filesOf(paths: ClusterPaths, name: string): { logPath: string; pidPath: string } {
  const file = name.replace('/', '-');
  return { logPath: join(paths.logs, `${file}.log`), pidPath: join(paths.pids, `${file}.json`) };
}

function etcdArgs(record: ClusterRecord, paths: ClusterPaths, pki: ControlPlaneCertificates): string[] {
  const peer = `https://${controlPlaneIp(record)}:2380`;
  return [
    '--name=default',
    `--data-dir=${paths.etcdData}`,
    `--listen-client-urls=${etcdUrl(record)}`,
    `--advertise-client-urls=${etcdUrl(record)}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--client-cert-auth',
    `--trusted-ca-file=${pki.etcdCa}`,
    `--cert-file=${pki.etcd.cert}`,
    `--key-file=${pki.etcd.key}`,
    '--peer-client-cert-auth',
    `--peer-trusted-ca-file=${pki.etcdCa}`,
    `--peer-cert-file=${pki.etcd.cert}`,
    `--peer-key-file=${pki.etcd.key}`,
    // One member has nobody to wait for: a second less until it serves.
    '--heartbeat-interval=10',
    '--election-timeout=100',
    '--auto-compaction-mode=periodic',
    '--auto-compaction-retention=5m',
    '--experimental-watch-progress-notify-interval=5s',
    '--log-level=warn',
  ];
}

function apiserverArgs(record: ClusterRecord, pki: ControlPlaneCertificates): string[] {
  return flagWords({
    storage: 'etcd3',
    'etcd-servers': etcdUrl(record),
    'etcd-cafile': pki.etcdCa,
    'etcd-certfile': pki.apiserverEtcdClient.cert,
    'etcd-keyfile': pki.apiserverEtcdClient.key,
    'bind-address': controlPlaneIp(record),
    'secure-port': '6443',
    'tls-cert-file': pki.apiserver.cert,
    'tls-private-key-file': pki.apiserver.key,
    'client-ca-file': pki.ca,
    'kubelet-client-certificate': pki.apiserverKubeletClient.cert,
    'kubelet-client-key': pki.apiserverKubeletClient.key,
    'kubelet-certificate-authority': pki.ca,
    'service-account-signing-key-file': pki.serviceAccount.key,
    'service-account-key-file': pki.serviceAccount.publicKey,
    'service-cluster-ip-range': record.networks.service,
  });
}
