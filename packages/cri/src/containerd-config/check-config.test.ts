import { describe, expect, it } from 'vitest';
import { checkContainerdConfig, type ConfigGround } from './check-config.ts';
import { containerdConfig } from './containerd-config.ts';

const good = containerdConfig({
  root: '/var/lib/containerd', state: '/run/containerd', socket: '/run/containerd/containerd.sock',
  cri: {
    sandboxImage: 'example/pause:1', cniBinDir: '/opt/cni/bin', cniConfDir: '/etc/cni/net.d', cgroupDriver: 'systemd',
    registryConfigPath: '/etc/containerd/certs.d', restrictOomScoreAdj: true, disableHugetlbController: true,
  },
  tcp: { address: '10.0.0.1:2376', certFile: '/cert', keyFile: '/key', clientCaFile: '/ca' },
});

const ground: ConfigGround = {
  exists: () => true,
  entries: (folder) => (folder === '/opt/cni/bin' ? ['bridge', 'loopback'] : ['10-net.conflist']),
  limits: { maySetOomScore: false, hasHugetlbController: false },
  cgroupDriver: 'systemd',
  sandboxImage: 'example/pause:1',
};

const found = (text: string, machine: Partial<ConfigGround> = {}) => checkContainerdConfig(text, { ...ground, ...machine });
const said = (text: string, machine: Partial<ConfigGround> = {}): string[] => found(text, machine).map(({ severity, at, problem, fix }) => `${severity}: ${at}: ${problem} → ${fix}`);
const without = (key: string): string => good.split('\n').filter((line) => !line.startsWith(`${key} =`)).join('\n');
const changed = (key: string, value: string): string => good.replace(new RegExp(`^${key} = .*$`, 'm'), `${key} = ${value}`);

describe("check of containerd's configuration", () => {
  it('[B1] finds nothing in what is generated', () => {
    expect(said(good)).toEqual([]);
  });

  it.each<[string, string, RegExp, Partial<ConfigGround>?]>([
    ['no TOML', good.replace('root = "/var', 'root = /var'), /^error: line 2, column 8: .*no TOML/],
    ['another version', changed('version', '4'), /^error: version: there is no version 4 .* → write version = 2/],
    ['a short name', changed('disabled_plugins', '["aufs"]'), /^error: disabled_plugins: "aufs" is the short name .* → write its long name: "io\.containerd\.….v1\.aufs"/],
    ['CRI required by its short name', `required_plugins = ["cri"]\n${good}`, /^error: required_plugins: "cri" is the short name .* → write its long name: "io\.containerd\.grpc\.v1\.cri"/],
    ['CRI switched off by its short name', changed('disabled_plugins', '["cri"]'), /^error: disabled_plugins: the CRI plugin is off \("cri"\), by a short name at which containerd does not even start in version 2 → take it out of the list and restart containerd/],
    ['CRI switched off', changed('disabled_plugins', '["io.containerd.grpc.v1.cri"]'), /^error: disabled_plugins: the CRI plugin is off .* → take it out of the list and restart containerd/],
    ['an empty sandbox image', changed('sandbox_image', '""'), /^error: .*sandbox_image: .* → .*"example\/pause:1"/],
    ['no sandbox image', without('sandbox_image'), /^warning: .*sandbox_image: .*registry\.k8s\.io/],
    ["another cgroup driver than the kubelet's", changed('SystemdCgroup', 'false'), /^error: .*SystemdCgroup: containerd's cgroup driver is cgroupfs, the kubelet's is systemd: .* → write SystemdCgroup = true/],
    ['a cgroup driver that is none', changed('SystemdCgroup', '"yes"'), /^error: .*SystemdCgroup: this is a string, true or false is wanted/],
    ['a size that is no number', changed('max_recv_message_size', '"lots"'), /^error: grpc\.max_recv_message_size: this is a string, an integer is wanted, and containerd does not start/],
    ['a root that is no text', changed('root', '5'), /^error: root: this is an integer, a string is wanted/],
    ['a misspelt key', `${good}\n[debug]\nlevl = "info"\n`, /^warning: debug\.levl: .* → write level, if that is meant/],
    ['a runtime that is not there', changed('default_runtime_name', '"kata"'), /^error: .*default_runtime_name: there is no runtime "kata"/, { cgroupDriver: 'cgroupfs' }],
    ['no folder of plugins', good, /^error: .*cni\.bin_dir: there is no folder \/opt\/cni\/bin/, { exists: (path) => path !== '/opt/cni/bin' }],
    ['no plugins', good, /^error: .*cni\.bin_dir: .* no CNI plugin loopback/, { entries: (folder) => (folder === '/opt/cni/bin' ? [] : ['10-net.conflist']) }],
    ['no folder of networks', good, /^error: .*cni\.conf_dir: there is no folder \/etc\/cni\/net\.d/, { exists: (path) => path !== '/etc/cni/net.d' }],
    ['no network', good, /^warning: .*cni\.conf_dir: .*cni plugin not initialized/, { entries: () => ['loopback'] }],
    ['OOM scores that the machine forbids', changed('restrict_oom_score_adj', 'false'), /^error: .*restrict_oom_score_adj: .* → write restrict_oom_score_adj = true/],
    ['a controller that the machine lacks', changed('disable_hugetlb_controller', 'false'), /^error: .*disable_hugetlb_controller: .* → write disable_hugetlb_controller = true/],
    ['TCP without TLS', without('tcp_tls_cert'), /^error: grpc\.tcp_address: .* without TLS: whoever reaches it is root/],
    ['TCP for anybody', without('tcp_tls_ca'), /^error: grpc\.tcp_tls_ca: .*no certificate/],
    ['a certificate that is not there', good, /^error: grpc\.tcp_tls_cert: there is no file \/cert/, { exists: (path) => path !== '/cert' }],
    ['TCP without CRI', changed('disable_tcp_service', 'true'), /^warning: .*disable_tcp_service: CRI is not served at 10\.0\.0\.1:2376/],
    ['mirrors in two ways', `${good}\n[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]\nendpoint = ["http://m"]\n`, /^error: .*registry\.mirrors: mirrors and config_path exclude each other/],
    ['a registry folder that is not there', good, /^warning: .*registry\.config_path: there is no folder/, { exists: (path) => path !== '/etc/containerd/certs.d' }],
    ['one folder for all', changed('state', '"/var/lib/containerd"'), /^error: state: root and state are one folder/],
    ['a relative path', changed('root', '"containerd"'), /^error: root: this is no absolute path/],
    ['other files', `imports = ["/etc/containerd/conf.d/*.toml"]\n${good}`, /^warning: imports: .*conf\.d/],
  ])('explains %s, and nothing else', (_, text, expected, machine) => {
    const [first, ...others] = said(text, machine);
    expect(first).toMatch(expected);
    expect(others).toEqual([]);
  });

  it("explains the file of docker's packages, which switches CRI off by the short name of version 1", () => {
    const findings = found('disabled_plugins = ["cri"]\n');
    expect(findings.map(({ severity, at }) => `${severity} ${at}`)).toEqual([
      'warning version', 'error disabled_plugins', 'warning plugins.cri.sandbox_image', 'error plugins.cri.containerd.runtimes.runc.options.SystemdCgroup', 'error plugins.cri.restrict_oom_score_adj',
    ]);
  });

  it('looks where containerd 2 keeps its settings', () => {
    const runtime = 'plugins."io.containerd.cri.v1.runtime"';
    const text = `version = 3\n[plugins."io.containerd.cri.v1.images".pinned_images]\nsandbox = "example/pause:1"\n[${runtime}]\nrestrict_oom_score_adj = true\n[${runtime}.cni]\nbin_dirs = ["/a", "/b"]\n[${runtime}.containerd.runtimes.runc.options]\nSystemdCgroup = true\n`;
    expect(said(text, { entries: () => ['loopback', 'x.conf'] })).toEqual([expect.stringMatching(/^warning: version: version 3 is read by containerd 2 only/)]);
    expect(said(text, { exists: (path) => path !== '/b', entries: () => ['loopback', 'x.conf'] })).toContainEqual(expect.stringMatching(/cni\.bin_dirs: there is no folder \/b/));
  });
});
