import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, run } from '../exec.ts';
import { prefix } from './choose-networks.ts';
import { bridgeName, networkNamespace, nodeName, vethName } from './cluster-names.ts';
import { runRoot } from './cluster-paths.ts';
import { bridgePodCidr, clusterNames, controlPlaneIp, nodeIp } from './cluster-record.ts';
import type { ClusterRecord } from './cluster-record.ts';

// The network of a cluster: one bridge in the root namespace, one network namespace and cable per node. Every function
// may be called again: what is there is kept, what is gone is no error.

const forwardSwitch = '/proc/sys/net/ipv4/ip_forward';
const forwardMark = join(runRoot, '.ip-forward-was-off');

const namespacePath = (name: string): string => `/run/netns/${name}`;

/** Runs a command's words in a node's network namespace. Not by `ip netns exec`, which remounts /sys and hides the cgroups. */
export const insideNode = (namespace: string, words: string[]): [string, string[]] => ['nsenter', [`--net=${namespacePath(namespace)}`, ...words]];

/** Makes the bridge with the control plane's address, and lets the machine forward the cluster's packets. */
export async function ensureBridge(record: ClusterRecord): Promise<void> {
  const bridge = bridgeName(record.name);
  if (!linkExists(bridge)) await run('ip', ['link', 'add', bridge, 'type', 'bridge']);
  await run('ip', ['address', 'replace', `${controlPlaneIp(record)}/${prefix(record.networks.node)}`, 'dev', bridge]);
  await run('ip', ['link', 'set', bridge, 'up']);
  if (readFileSync(forwardSwitch, 'utf8').trim() === '0') {
    mkdirSync(runRoot, { recursive: true });
    writeFileSync(forwardMark, '');
    writeFileSync(forwardSwitch, '1');
  }
  for (const [table, chain, ...rule] of firewallRules(record)) {
    if ((await iptables(table, '-C', chain, rule)) === undefined) await run('iptables', ['-w', '-t', table, '-I', chain, ...rule]);
  }
}

/** Makes a node's namespace: eth0 on the bridge, the default route through it, forwarding on. */
export async function ensureNodeNetwork(record: ClusterRecord, index: number): Promise<void> {
  const namespace = networkNamespace(record.name, nodeName(index));
  const cable = vethName(record.name, index);
  if (!existsSync(namespacePath(namespace))) await run('ip', ['netns', 'add', namespace]);
  if (!linkExists(cable)) {
    await run('ip', ['link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace]);
    await run('ip', ['link', 'set', cable, 'master', bridgeName(record.name), 'up']);
  }
  const inside = [
    'link set lo up',
    'link set eth0 up',
    `address replace ${nodeIp(record, index)}/${prefix(record.networks.node)} dev eth0`,
    `route replace default via ${controlPlaneIp(record)}`,
  ];
  await run('ip', ['-n', namespace, '-batch', '-'], { input: inside.join('\n') });
  await run(...insideNode(namespace, ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']));
}

/** Lets the machine itself reach a node's pods. */
export async function ensurePodRoute(record: ClusterRecord, index: number, podCidr: string): Promise<void> {
  await run('ip', ['route', 'replace', podCidr, 'via', nodeIp(record, index), 'dev', bridgeName(record.name)]);
}

/** On the bridge network: a node's way to the pods of every other, and its own address for what its pods send out of the pod network. */
export async function ensureNodeRoutes(record: ClusterRecord, index: number): Promise<void> {
  const namespace = networkNamespace(record.name, nodeName(index));
  const others = Array.from({ length: record.nodes }, (_, other) => other + 1).filter((other) => other !== index);
  const routes = others.map((other) => `route replace ${bridgePodCidr(record, other)} via ${nodeIp(record, other)} dev eth0`);
  await run('ip', ['-n', namespace, '-batch', '-'], { input: routes.join('\n') });
  const { pod } = record.networks;
  const masquerade = ['POSTROUTING', '-s', pod, '!', '-d', pod, '-j', 'MASQUERADE'];
  const inside = (verb: '-C' | '-A') => insideNode(namespace, ['iptables', '-w', '-t', 'nat', verb, ...masquerade]);
  if ((await ask(...inside('-C'))) === undefined) await run(...inside('-A'));
}

/** Removes all of it: namespaces with what is in them, cables, routes, bridge, firewall rules. */
export async function removeNetwork(record: ClusterRecord): Promise<void> {
  for (let index = 1; index <= record.nodes; index++) {
    await ask('ip', ['link', 'delete', vethName(record.name, index)]);
    await ask('ip', ['netns', 'delete', networkNamespace(record.name, nodeName(index))]);
  }
  for (const [table, chain, ...rule] of firewallRules(record)) {
    while ((await iptables(table, '-D', chain, rule)) !== undefined);
  }
  await ask('ip', ['link', 'delete', bridgeName(record.name)]);
}

/** Switches the machine's forwarding off again where this cluster was the last one and `up` had switched it on. */
export function restoreForwarding(): void {
  if (!existsSync(forwardMark) || clusterNames().length > 0) return;
  writeFileSync(forwardSwitch, '0');
  rmSync(forwardMark);
}

function linkExists(name: string): boolean {
  return existsSync(`/sys/class/net/${name}`);
}

/** Without these a machine whose firewall drops forwarded packets (docker's does) cuts the nodes off from each other. */
function firewallRules(record: ClusterRecord): [table: string, chain: string, ...rule: string[]][] {
  const bridge = bridgeName(record.name);
  const { node } = record.networks;
  const mark = ['-m', 'comment', '--comment', `podling-${record.name}`];
  return [
    ['filter', 'FORWARD', '-i', bridge, ...mark, '-j', 'ACCEPT'],
    ['filter', 'FORWARD', '-o', bridge, ...mark, '-j', 'ACCEPT'],
    ['nat', 'POSTROUTING', '-s', node, '!', '-d', node, '!', '-o', bridge, ...mark, '-j', 'MASQUERADE'],
  ];
}

function iptables(table: string, verb: '-C' | '-D', chain: string, rule: string[]): Promise<string | undefined> {
  return ask('iptables', ['-w', '-t', table, verb, chain, ...rule]);
}
