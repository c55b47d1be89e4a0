import { describe, expect, it } from 'vitest';
import { checkShape } from './check-shape.ts';
import { ConfigFile } from './config-file.ts';

const said = (text: string): string[] => [...checkShape(new ConfigFile(text))].map(({ severity, at, problem, fix }) => `${severity}: ${at}: ${problem} → ${fix}`);
const cri = 'plugins."io.containerd.grpc.v1.cri"';
const runtime = 'plugins."io.containerd.cri.v1.runtime"';
const images = 'plugins."io.containerd.cri.v1.images"';
const runc = (table: string, lines: string): string => `[${table}.containerd.runtimes.runc]\nruntime_type = "io.containerd.runc.v2"\n[${table}.containerd.runtimes.runc.options]\n${lines}\n`;

describe('shape of a containerd configuration', () => {
  it.each([
    ['version = "2"', 'version: this is a string, an integer is wanted'],
    ['root = 5', 'root: this is an integer, a string is wanted'],
    ['oom_score = 1.0', 'oom_score: this is a number with a fraction, an integer is wanted'],
    ['disabled_plugins = "cri"', 'disabled_plugins: this is a string, a list of strings is wanted'],
    ['imports = ["/a", 1]', 'imports: this is a list, a list of strings is wanted'],
    ['state = 2026-01-01', 'state: this is a date, a string is wanted'],
    ['grpc = true', 'grpc: this is true, a table is wanted'],
    ['[[plugins]]', 'plugins: this is a list, a table is wanted'],
    ['[plugins]\n"io.containerd.gc.v1.scheduler" = 1', 'plugins."io.containerd.gc.v1.scheduler": this is an integer, a table is wanted'],
    ['[grpc]\nmax_recv_message_size = "lots"', 'grpc.max_recv_message_size: this is a string, an integer is wanted'],
    ['[ttrpc]\nuid = "root"', 'ttrpc.uid: this is a string, an integer is wanted'],
    ['[debug]\nlevel = 3', 'debug.level: this is an integer, a string is wanted'],
    ['[metrics]\ngrpc_histogram = "no"', 'metrics.grpc_histogram: this is a string, true or false is wanted'],
    ['[timeouts]\n"io.containerd.timeout.task.state" = 2', 'timeouts."io.containerd.timeout.task.state": this is an integer, a string is wanted'],
    ['[plugins.cri]\nenable_selinux = 1', 'plugins.cri.enable_selinux: this is an integer, true or false is wanted'],
    [`version = 2\n[${cri}]\ndisable_tcp_service = "yes"`, `${cri}.disable_tcp_service: this is a string, true or false is wanted`],
    [`version = 2\n[${cri}.cni]\nmax_conf_num = "1"`, `${cri}.cni.max_conf_num: this is a string, an integer is wanted`],
    [`version = 2\n[${cri}.registry.configs.host.auth]\npassword = 5`, `${cri}.registry.configs.host.auth.password: this is an integer, a string is wanted`],
    [`version = 2\n[${cri}.containerd.runtimes]\nrunc = "runc"`, `${cri}.containerd.runtimes.runc: this is a string, a table is wanted`],
    [`version = 3\n[${runtime}]\nenable_cdi = "yes"`, `${runtime}.enable_cdi: this is a string, true or false is wanted`],
    [`version = 3\n[${images}.pinned_images]\nsandbox = 1`, `${images}.pinned_images.sandbox: this is an integer, a string is wanted`],
    [`version = 3\n[${cri}]\nstream_server_port = 0`, `${cri}.stream_server_port: this is an integer, a string is wanted`],
  ])('refuses %j, and nothing else', (text, expected) => {
    expect(said(text)).toEqual([expect.stringContaining(`error: ${expected}, and containerd does not start → `)]);
  });

  it("knows the options of runc's shim, and leaves those of others alone", () => {
    const problem = 'this is a string, true or false is wanted, and no pod starts → write true or false, without quotes';
    expect(said(`version = 2\n${runc(cri, 'SystemdCgroup = "yes"')}`)).toEqual([`error: ${cri}.containerd.runtimes.runc.options.SystemdCgroup: ${problem}`]);
    expect(said(`version = 3\n${runc(runtime, 'SystemdCgroup = "yes"')}`)).toHaveLength(1);
    expect(said(`version = 2\n${runc(cri, 'ConfigPath = "/kata"').replace('runc.v2', 'kata.v2')}`)).toEqual([]);
  });

  it.each([
    ['rooot = "/a"', 'rooot', 'root'],
    ['[grpc]\nadress = "/a"', 'grpc.adress', 'address'],
    ['[ttrpc]\naddres = "/a"', 'ttrpc.addres', 'address'],
    ['[debug]\nlevl = "info"', 'debug.levl', 'level'],
    ['[metrics]\ngrpc_histograms = true', 'metrics.grpc_histograms', 'grpc_histogram'],
    [`version = 2\n[${cri}]\nsandbox_imag = "a"`, `${cri}.sandbox_imag`, 'sandbox_image'],
    [`version = 2\n${runc(cri, 'systemdCGroup = true')}`, `${cri}.containerd.runtimes.runc.options.systemdCGroup`, 'SystemdCgroup'],
    [`version = 3\n[${runtime}.cni]\nbindir = "/a"`, `${runtime}.cni.bindir`, 'bin_dir'],
    [`version = 3\n[${images}]\nsnapshoter = "native"`, `${images}.snapshoter`, 'snapshotter'],
  ])('names the key that is like the unknown one in %j', (text, at, near) => {
    expect(said(text)).toEqual([`warning: ${at}: containerd knows no such key here and does not read it → write ${near}, if that is meant, or take it out`]);
  });

  it('names none where no key is like it', () => {
    expect(said('[grpc]\nwhatever_this_is = 1')).toEqual([expect.stringMatching(/^warning: grpc\.whatever_this_is: .* → take it out, or write it in the table that it belongs to$/)]);
    expect(said('[grpc]\n__proto__ = 1\nconstructor = 2')).toHaveLength(2);
  });

  it('warns of a key of the CRI plugin where containerd 2 no longer reads it', () => {
    expect(said(`version = 3\n[${cri}]\nsandbox_image = "a"`)).toEqual([expect.stringMatching(/^warning: .*sandbox_image: containerd knows no such key here/)]);
  });

  it('takes integers of any size, and what other plugins say', () => {
    expect(said('[grpc]\nmax_recv_message_size = 9223372036854775807\n[plugins."io.containerd.gc.v1.scheduler"]\npause_threshold = 0.02\n')).toEqual([]);
  });
});
