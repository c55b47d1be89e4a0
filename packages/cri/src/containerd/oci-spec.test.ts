import { describe, expect, it } from 'vitest';
import type { ContainerConfig } from '../cri.ts';
import { ociSpec, processArgs, processEnv } from './oci-spec.ts';
import type { OciSpec, ProcessSecurity } from './oci-spec.ts';

const image = { entrypoint: ['/entry'], cmd: ['cmd'], env: ['PATH=/image', 'A=1'], workingDir: '/work', user: '', stopSignal: '' };

const config: ContainerConfig = {
  metadata: { name: 'main', attempt: 0 },
  image: 'image',
  command: [],
  args: [],
  workingDir: '',
  env: [],
  mounts: [],
  labels: {},
  annotations: {},
  logPath: 'main/0.log',
  stdin: false,
  tty: false,
  linux: {},
};

const sandbox = { id: 'pause-id', pid: 42, hostname: 'web', nodeIpc: false, shmPath: '/s/shm', hostsPath: '/s/hosts', resolvConfPath: '/s/resolv.conf', hostnamePath: '/s/hostname' };

const plain: ProcessSecurity = { capabilities: ['CAP_CHOWN'], seccomp: undefined, appArmorProfile: undefined, devices: [], maskedPaths: ['/proc/kcore'], pid: 'own' };

function specOf(overrides: Partial<ContainerConfig> = {}, cgroup = { unified: false, swapAccounting: true }, security = plain): OciSpec {
  const user = { uid: 0, gid: 0, additionalGids: [0] };
  return ociSpec({ config: { ...config, ...overrides }, image, sandbox, cgroupsPath: '/pods/x', minOomScoreAdj: 0, user, cgroup, security });
}

describe('OCI spec', () => {
  it.each([
    [[], [], ['/entry', 'cmd']],
    [[], ['a'], ['/entry', 'a']],
    [['c'], [], ['c']],
    [['c'], ['a'], ['c', 'a']],
  ])('command %j and args %j run %j', (command, args, expected) => {
    expect(processArgs({ command, args }, image)).toEqual(expected);
  });

  it('environment: the last of equal names wins, in the place of the first', () => {
    const env = processEnv(['PATH=/image', 'A=1'], 'web', [{ name: 'A', value: 'x=y' }, { name: 'B', value: '' }, { name: 'A', value: '2' }]);
    expect(env).toEqual(['PATH=/image', 'HOSTNAME=web', 'A=2', 'B=']);
  });

  it('joins network, ipc and uts of the sandbox and shares its shim', () => {
    const { linux, annotations } = specOf();
    expect(linux['namespaces']).toEqual([
      { type: 'network', path: '/proc/42/ns/net' },
      { type: 'ipc', path: '/proc/42/ns/ipc' },
      { type: 'uts', path: '/proc/42/ns/uts' },
      { type: 'pid' },
      { type: 'mount' },
    ]);
    expect(annotations['io.kubernetes.cri.sandbox-id']).toBe('pause-id');
    expect(specOf({}, { unified: true, swapAccounting: true }).linux['namespaces']).toContainEqual({ type: 'cgroup' });
  });

  it('mounts the sandbox files unless the container mounts its own there', () => {
    const destinations = (spec: OciSpec) => spec.mounts.filter(({ destination }) => destination === '/etc/hosts').map(({ source }) => source);
    expect(destinations(specOf())).toEqual(['/s/hosts']);
    expect(destinations(specOf({ mounts: [{ hostPath: '/mine', containerPath: '/etc/hosts', readonly: true }] }))).toEqual(['/mine']);
  });

  it('binds by type and by option, parents first', () => {
    const mounts = [
      { hostPath: '/h/deep', containerPath: '/data/a/b', readonly: true },
      { hostPath: '/h/top', containerPath: '/data', readonly: false, propagation: 'HOST_TO_CONTAINER' as const },
    ];
    const own = specOf({ mounts }).mounts.filter(({ source }) => source.startsWith('/h/'));
    expect(own).toEqual([
      { destination: '/data', type: 'bind', source: '/h/top', options: ['rbind', 'rslave', 'rw'] },
      { destination: '/data/a/b', type: 'bind', source: '/h/deep', options: ['rbind', 'rprivate', 'ro'] },
    ]);
  });

  it('limits cpu, memory without swap, and pids; what is absent is not limited', () => {
    const linux = { cpuQuota: 50_000, cpuShares: 512, cpusetCpus: '0-1', memoryLimitBytes: 1024, pidsLimit: 10 };
    expect(specOf({ linux }).linux['resources']).toMatchObject({
      cpu: { quota: 50_000, period: 100_000, shares: 512, cpus: '0-1' },
      memory: { limit: 1024, swap: 1024 },
      pids: { limit: 10 },
    });
    expect(specOf().linux['resources']).toEqual({ devices: [{ allow: false, access: 'rwm' }], cpu: {} });
    expect(specOf({ linux }, { unified: false, swapAccounting: false }).linux['resources']).toMatchObject({ memory: { limit: 1024 } });
  });

  it('never asks for an oom score below what this process may give', () => {
    expect(specOf({ linux: { oomScoreAdj: -997 } }).process['oomScoreAdj']).toBe(0);
    expect(specOf({ linux: { oomScoreAdj: 500 } }).process['oomScoreAdj']).toBe(500);
  });

  it.each([
    ['own' as const, [{ type: 'pid' }]],
    ['node' as const, []],
    [77, [{ type: 'pid', path: '/proc/77/ns/pid' }]],
  ])('pid namespace: %s', (pid, expected) => {
    const namespaces = specOf({}, undefined, { ...plain, pid }).linux['namespaces'] as { type: string }[];
    expect(namespaces.filter(({ type }) => type === 'pid')).toEqual(expected);
  });

  it('masks and protects parts of /proc unless privileged or told not to', () => {
    const paths = ({ linux }: OciSpec) => [linux['maskedPaths'] !== undefined, linux['readonlyPaths'] !== undefined];
    expect(paths(specOf())).toEqual([true, true]);
    expect(paths(specOf({ securityContext: { procMount: 'Unmasked' } }))).toEqual([false, false]);
    expect(paths(specOf({ securityContext: { privileged: true } }))).toEqual([false, false]);
  });

  it('gives a privileged container the node\'s devices and cgroups', () => {
    const device = { path: '/dev/fuse', type: 'c' as const, major: 10, minor: 229, fileMode: 0o666, uid: 0, gid: 0 };
    const unified = { unified: true, swapAccounting: true };
    const { linux, mounts } = specOf({ securityContext: { privileged: true } }, unified, { ...plain, devices: [device] });
    expect(linux).toMatchObject({ devices: [device], resources: { devices: [{ allow: true, access: 'rwm' }] } });
    expect(linux['namespaces']).not.toContainEqual({ type: 'cgroup' });
    expect(mounts.find(({ destination }) => destination === '/sys')?.options).toContain('rw');
  });

  it('carries profiles, the propagation of the root and recursive protection of mounts', () => {
    const seccomp = { defaultAction: 'SCMP_ACT_ERRNO' };
    const mounts = [{ hostPath: '/h', containerPath: '/data', readonly: true, recursiveReadOnly: true, propagation: 'HOST_TO_CONTAINER' as const }];
    const spec = specOf({ mounts }, undefined, { ...plain, seccomp, appArmorProfile: 'mine' });
    expect(spec).toMatchObject({ linux: { seccomp, rootfsPropagation: 'rslave' }, process: { apparmorProfile: 'mine' } });
    expect(spec.mounts.at(-1)?.options).toEqual(['rbind', 'rslave', 'rro']);
  });
});
