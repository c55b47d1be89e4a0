import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { containerdConfig, type ContainerdConfig, type CriPlugin } from './containerd-config.ts';
import { readMachineLimits } from './machine-limits.ts';

const place = { root: '/var/lib/a "b"', state: '/run/a', socket: '/run/a.sock' };
const cri: CriPlugin = {
  sandboxImage: 'example/pause:1', cniBinDir: '/opt/cni/bin', cniConfDir: '/etc/cni/net.d', cgroupDriver: 'cgroupfs', restrictOomScoreAdj: true, disableHugetlbController: true,
};
const read = (config: ContainerdConfig) => parse(containerdConfig(config)) as Record<string, any>;
const plugin = (config: ContainerdConfig) => read(config)['plugins']['io.containerd.grpc.v1.cri'] as Record<string, any>;

describe('containerd configuration', () => {
  it('is of version 2, with folders and socket quoted as TOML wants it', () => {
    expect(read(place)).toMatchObject({ version: 2, root: place.root, state: place.state, grpc: { address: place.socket }, oom_score: 0 });
  });

  it('has the CRI plugin off unless it is asked for', () => {
    expect(read(place)['disabled_plugins']).toContain('io.containerd.grpc.v1.cri');
    expect(read({ ...place, cri })['disabled_plugins']).not.toContain('io.containerd.grpc.v1.cri');
  });

  it('tells CRI its sandbox image, network folders, registries and what the machine does not permit', () => {
    expect(plugin({ ...place, cri: { ...cri, registryConfigPath: '/etc/containerd/certs.d' } })).toMatchObject({
      sandbox_image: 'example/pause:1', restrict_oom_score_adj: true, disable_hugetlb_controller: true, disable_tcp_service: true,
      cni: { bin_dir: '/opt/cni/bin', conf_dir: '/etc/cni/net.d' }, registry: { config_path: '/etc/containerd/certs.d' },
    });
  });

  it.each(['cgroupfs', 'systemd'] as const)('has the cgroup driver %s', (cgroupDriver) => {
    const { runtimes } = plugin({ ...place, cri: { ...cri, cgroupDriver } })['containerd'];
    expect(runtimes.runc).toEqual({ runtime_type: 'io.containerd.runc.v2', options: { SystemdCgroup: cgroupDriver === 'systemd' } });
  });

  it('serves TCP with TLS to clients of the CA, and CRI there too', () => {
    const config = { ...place, cri, tcp: { address: '10.0.0.1:2376', certFile: '/cert', keyFile: '/key', clientCaFile: '/ca' } };
    expect(read(config)['grpc']).toMatchObject({ address: place.socket, tcp_address: '10.0.0.1:2376', tcp_tls_cert: '/cert', tcp_tls_key: '/key', tcp_tls_ca: '/ca' });
    expect(plugin(config)['disable_tcp_service']).toBe(false);
  });
});

describe("a machine's limits", () => {
  const files = (content: Record<string, string>) => readMachineLimits((path) => content[path]);

  it('are read from the capabilities of the process', () => {
    expect(files({ '/proc/self/status': 'Name:\tnode\nCapEff:\t000001ffffffffff\n' }).maySetOomScore).toBe(true);
    expect(files({ '/proc/self/status': 'Name:\tnode\nCapEff:\t00000000a82425fb\n' }).maySetOomScore).toBe(false);
    expect(files({}).maySetOomScore).toBe(false);
  });

  it('are read from the cgroup controllers of either version', () => {
    expect(files({ '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu hugetlb pids\n' }).hasHugetlbController).toBe(true);
    expect(files({ '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu pids\n' }).hasHugetlbController).toBe(false);
    const enabled = { '/proc/cgroups': 'memory\t4\t1\t1\nhugetlb\t0\t655\t1\n' };
    expect(files(enabled).hasHugetlbController).toBe(false);
    expect(files({ ...enabled, '/sys/fs/cgroup/hugetlb/cgroup.procs': '' }).hasHugetlbController).toBe(true);
  });
});
