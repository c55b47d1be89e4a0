import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isRunning, mustSucceed, podUntil, waitUntil } from '@podling/deploy/observe';
import type { Pod } from '@podling/shared/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eRuntime, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld('security-context');

/** Prints each value as `name=value`, a last line, and stays. */
const tell = (values: Record<string, string>): string =>
  `${Object.entries(values).map(([name, command]) => `echo "${name}=$(${command})"`).join('; ')}; echo told; sleep 1000`;

const status = (field: string): string => `sed -n 's/^${field}:[[:space:]]*//p' /proc/self/status`;
const restricted = { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 2000, fsGroup: 3000, supplementalGroups: [4000], seccompProfile: { type: 'RuntimeDefault' } };
const sysctls = [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '80' }, { name: 'kernel.shm_rmid_forced', value: '1' }];
const other = { name: 'other', image: 'podling.local/toolbox:1', command: ['sleep', '12345'] };
const processes = "ps -o args | grep -c '[s]leep 12345'";

const running = [
  toolboxPod('restricted', tell({ id: 'id -u; id -g', groups: status('Groups'), caps: status('CapBnd'), privileges: status('NoNewPrivs'), seccomp: status('Seccomp'), root: 'touch /x 2>/dev/null || echo refused' }), {
    spec: { securityContext: restricted },
    container: { securityContext: { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] }, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false } },
  }),
  toolboxPod('default', tell({ seccomp: status('Seccomp'), privileges: status('NoNewPrivs'), caps: status('CapEff'), processes }), { spec: { runtimeClassName: 'e2e-runc' } }),
  toolboxPod('privileged', tell({ seccomp: status('Seccomp'), mounted: 'mount -t tmpfs x /tmp && echo yes' }), { container: { securityContext: { privileged: true } } }),
  toolboxPod('host', tell({ name: 'hostname', env: 'echo $HOSTNAME', address: "ip -o -4 address show | sed -n 's/.* inet \\([0-9.]*\\).*/\\1/p'", hosts: 'head -1 /etc/hosts', processes: 'readlink /proc/self/ns/pid' }), {
    spec: { hostNetwork: true, hostPID: true, hostIPC: true },
    container: { ports: [{ containerPort: 18099 }] },
  }),
  withOther(toolboxPod('shared', tell({ first: "tr '\\0' ' ' < /proc/1/cmdline", processes }), { spec: { shareProcessNamespace: true } })),
  withOther(toolboxPod('apart', tell({ processes }))),
  toolboxPod('named', tell({ name: 'hostname', domain: 'cat /proc/sys/kernel/domainname', port: 'cat /proc/sys/net/ipv4/ip_unprivileged_port_start', shm: 'cat /proc/sys/kernel/shm_rmid_forced' }), {
    spec: { hostname: 'a', subdomain: 'b', setHostnameAsFQDN: true, securityContext: { sysctls } },
  }),
];

const refused = {
  forbidden: { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '65536' }] } },
  root: { securityContext: { runAsNonRoot: true } },
  profile: { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'absent.json' } } },
  users: { hostUsers: false },
  handler: { runtimeClassName: 'e2e-kata' },
};

const classes = ['runc', 'kata'].map((handler) => ({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: `e2e-${handler}` }, handler }));

/** The other container is started first. */
function withOther(pod: Record<string, unknown>): Record<string, unknown> {
  (pod['spec'] as { containers: object[] }).containers.unshift(other);
  return pod;
}

/** What the main container has told. */
async function told(name: string): Promise<Record<string, string>> {
  let text = '';
  await waitUntil(`${name} to have told`, async () => (text = (await mustSucceed(world.kubectl, ['logs', name, '-c', 'main'])).trimEnd()).endsWith('\ntold'), { timeoutMs: 60_000 });
  const entries = text.slice(0, -'\ntold'.length).split(/\n(?=[a-z]+=)/);
  return Object.fromEntries(entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1).trim()]));
}

const waiting = (pod: Pod) => pod.status?.containerStatuses?.[0]?.state?.waiting;

beforeAll(async () => {
  await openNamespace(world);
  const pods = [...running, ...Object.entries(refused).map(([name, spec]) => toolboxPod(name, 'sleep 1000', { spec }))];
  await applyPod(world, { apiVersion: 'v1', kind: 'List', items: classes });
  await applyPod(world, { apiVersion: 'v1', kind: 'List', items: pods });
  await Promise.all(running.map(({ metadata }) => podUntil(world, (metadata as { name: string }).name, 'Running', isRunning)));
});

afterAll(async () => {
  for (const { metadata } of classes) await mustSucceed(world.kubectl, ['delete', 'runtimeclass', metadata.name]);
  await closeNamespace(world);
});

describe('the security context of a pod', () => {
  it('holds for its processes: user, groups, capabilities, privileges, seccomp, root file system', async () => {
    expect(await told('restricted')).toEqual({ id: '1000\n2000', groups: '2000 3000 4000', caps: '0000000000000400', privileges: '1', seccomp: '2', root: 'refused' });
    const { status: { containerStatuses } = {} } = await world.client.pods(world.namespace).get('restricted');
    expect(containerStatuses?.[0]?.user?.linux).toEqual({ uid: 1000, gid: 2000, supplementalGroups: [2000, 3000, 4000] });
  });

  it('that asks for nothing gets what Kubernetes gives, and a privileged one all that the node has', async () => {
    expect(await told('default')).toEqual({ seccomp: '0', privileges: '0', caps: '00000000a80425fb', processes: '0' });
    expect(await told('privileged')).toEqual({ seccomp: '0', mounted: 'yes' });
  });

  it('puts it on the node\'s network, among its processes, under its name', async () => {
    const { status: { podIP, hostIP } = {} } = await world.client.pods(world.namespace).get('host');
    const { address, ...names } = await told('host');
    expect(names).toEqual({ name: hostname(), env: hostname(), hosts: '# Kubernetes-managed hosts file (host network).', processes: readlinkSync('/proc/self/ns/pid') });
    expect(podIP).toBe(hostIP);
    expect(address?.split('\n')).toContain(hostIP);
  });

  it('lets its containers see each other\'s processes only when they share them', async () => {
    const shared = await told('shared');
    expect(shared['processes']).toBe('1');
    expect(shared['first']).not.toMatch(/^(sh|sleep)/);
    expect((await told('apart'))['processes']).toBe('0');
  });

  it('sets its names and sysctls', async () => {
    const domain = e2eRuntime === 'cri' ? '(none)' : 'b.security-context.svc.cluster.local';
    expect(await told('named')).toEqual({ name: 'a.b.security-context.svc.cluster.local', domain, port: '80', shm: '1' });
  });

  it('that the node cannot or may not give is refused with the reason', async () => {
    await podUntil(world, 'forbidden', 'Failed', (pod) => pod.status?.reason === 'SysctlForbidden');
    const root = await podUntil(world, 'root', 'CreateContainerConfigError', (pod) => waiting(pod)?.reason === 'CreateContainerConfigError');
    expect(waiting(root)?.message).toMatch(/^container has runAsNonRoot and image will run as root \(pod: "root_security-context\(/);
    const profile = await podUntil(world, 'profile', 'CreateContainerError', (pod) => waiting(pod)?.reason === 'CreateContainerError');
    expect(waiting(profile)?.message).toMatch(/cannot load seccomp profile ".*\/seccomp\/absent\.json": (ENOENT|open .* no such file)/);
    const events = async (name: string) => (await world.client.events(world.namespace).list({ fieldSelector: `involvedObject.name=${name}` })).items;
    const isTold = async (name: string, text: string) =>
      (await events(name)).some(({ reason, message }) => reason === 'FailedCreatePodSandBox' && message?.includes(text));
    await waitUntil('Events that tell', async () =>
      (await isTold('users', 'runtime does not support user namespaces')) && (await isTold('handler', 'no runtime for "kata" is configured')), { timeoutMs: 30_000 });
  });
});
