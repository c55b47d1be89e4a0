import { ensureImages } from '../images/index.ts';
import { ensureControlPlaneCertificates } from '../pki/index.ts';
import type { ControlPlaneCertificates } from '../pki/index.ts';
import { runSteps } from '../progress.ts';
import type { Report, Step } from '../progress.ts';
import { ensureToolchain } from '../toolchain/index.ts';
import { TimeoutError, waitUntil } from '../wait-until.ts';
import { configureDns } from './cluster-dns.ts';
import { clusterPaths } from './cluster-paths.ts';
import { controlPlaneIp, ensureRecord, kubernetesServiceIp, readRecord } from './cluster-record.ts';
import type { ClusterRecord, RecordOptions } from './cluster-record.ts';
import { adminIdentity, apiserverUrl, controlPlaneProcesses, writeControlPlaneKubeconfigs, writeFlannelNetwork } from './control-plane.ts';
import type { ControlPlaneProcesses } from './control-plane.ts';
import { ProcessFailedError } from './managed-process.ts';
import type { ManagedProcess } from './managed-process.ts';
import { ensureBridge, ensureNodeNetwork, ensureNodeRoutes, ensurePodRoute } from './network.ts';
import { importOwnImages } from './node-images.ts';
import { clusterNode, configureNode, nodeProcesses, podCidrOf } from './node-processes.ts';
import type { ClusterNode } from './node-processes.ts';
import { nodeReady } from './status.ts';

const nodeReadyTimeoutMs = 60_000;

export interface UpOptions extends RecordOptions {
  report?: Report;
}

interface Plan {
  record: ClusterRecord;
  pki: ControlPlaneCertificates;
  control: ControlPlaneProcesses;
  nodes: ClusterNode[];
}

/** Brings a cluster up, or what is missing of it. */
export async function bringUp(name: string, { report = 'silent', ...wanted }: UpOptions): Promise<void> {
  await ensureToolchain({ report, cri: (wanted.runtime ?? readRecord(name)?.runtime) === 'cri' });
  const record = await ensureRecord(name, wanted);
  const plan = await prepare(record);
  await runSteps(steps(plan), { report });
  await runSteps(plan.nodes.map((node) => readyStep(plan, node)), { report });
}

async function prepare(record: ClusterRecord): Promise<Plan> {
  const pki = await ensureControlPlaneCertificates(clusterPaths(record.name).pki, { ips: [controlPlaneIp(record)], serviceIp: kubernetesServiceIp(record) });
  await Promise.all([ensureImages(), writeControlPlaneKubeconfigs(record, pki), configureDns(record, pki, apiserverUrl(record)), ensureBridge(record)]);
  const nodes = Array.from({ length: record.nodes }, (_, index) => clusterNode(record, pki, index + 1));
  return { record, pki, control: controlPlaneProcesses(record, pki), nodes };
}

/** All at once; a step waits for what it needs. */
function steps(plan: Plan): Step[] {
  const { control, nodes, record, pki } = plan;
  const etcd = once(async () => {
    await control.etcd.start();
    await writeFlannelNetwork(record, pki);
  });
  const apiserver = once(async () => {
    await after([etcd]);
    await control.apiserver.start();
  });
  return [
    { title: 'etcd', run: etcd },
    { title: 'apiserver', run: apiserver },
    { title: 'scheduler', run: () => after([apiserver]).then(() => control.scheduler.start()) },
    { title: 'controller-manager', run: () => after([apiserver]).then(() => control.controllerManager.start()) },
    { title: 'coredns', run: () => after([apiserver]).then(() => control.coredns.start()) },
    ...nodes.flatMap((node) => nodeSteps(plan, node, etcd, apiserver)),
  ];
}

function nodeSteps({ record, pki }: Plan, node: ClusterNode, etcd: () => Promise<void>, apiserver: () => Promise<void>): Step[] {
  const network = once(async () => {
    await ensureNodeNetwork(record, node.index);
    await configureNode(record, pki, node);
  });
  const containerd = once(async () => {
    await after([network]);
    await node.containerd.start();
    await importOwnImages(node);
  });
  const pods = once(async () => {
    await after(node.flanneld ? [network, etcd] : [network]);
    await node.flanneld?.start();
    await routePods(record, node);
  });
  const kubelet = async (): Promise<void> => {
    await after([containerd, pods, apiserver]);
    await node.kubelet.start();
  };
  return [
    { title: `${node.name}: network namespace, containerd, images`, run: containerd },
    { title: `${node.name}: ${node.flanneld ? 'flanneld' : 'routes to pods'}`, run: pods },
    { title: `${node.name}: kubelet`, run: kubelet },
  ];
}

async function routePods(record: ClusterRecord, node: ClusterNode): Promise<void> {
  const podCidr = await podCidrOf(record, node);
  if (podCidr === undefined) throw new Error(`flanneld of ${node.name} has written no ${node.paths.subnetFile}`);
  await ensurePodRoute(record, node.index, podCidr);
  if (record.network === 'bridge') await ensureNodeRoutes(record, node.index);
}

/** Waits for the Ready condition; a process of the cluster that ends meanwhile is reported with its log. */
function readyStep(plan: Plan, node: ClusterNode): Step {
  const server = apiserverUrl(plan.record);
  const processes = [...(Object.values(plan.control) as ManagedProcess[]), ...nodeProcesses(node)];
  return {
    title: `${node.name}: Ready`,
    run: async () => {
      try {
        await waitUntil(`${node.name} to be Ready`, async () => (await nodeReady(server, adminIdentity(plan.pki), node.name)) === 'Ready', {
          timeoutMs: nodeReadyTimeoutMs,
          check: () => processes.forEach(checkAlive),
        });
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        throw new ProcessFailedError(error.message, node.kubelet.logTail(), { cause: error });
      }
    },
  };
}

function checkAlive(part: ManagedProcess): void {
  if (part.pid === undefined) throw new ProcessFailedError(`${part.name} has ended`, part.logTail());
}

/** A step that could not begin; what went wrong is told by the step that it waited for. */
class NotBegunError extends Error {
  override name = 'NotBegunError';
}

async function after(needs: (() => Promise<unknown>)[]): Promise<void> {
  try {
    await Promise.all(needs.map((need) => need()));
  } catch (cause) {
    throw new NotBegunError('not begun: a step before it failed', { cause });
  }
}

function once<T>(action: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined;
  return () => (started ??= action());
}
