import type { ConfigFile, Table } from './config-file.ts';
import { criPlugin } from './containerd-config.ts';

/** What containerd takes for a value; `anything` is what it does not read itself, `strings` is a list of them. */
export type Shape = Scalar | TableShape | ((table: Table) => Shape);
export type Scalar = 'string' | 'integer' | 'boolean' | 'strings' | 'anything';

export interface TableShape {
  /** Keys that containerd knows. */
  keys: Record<string, Shape>;
  /** What stands below a key of any other name; absent: there are no others. */
  rest?: Shape;
}

type Names = Partial<Record<Exclude<Scalar, 'anything'>, string>>;

/** A table by the names of its plain values, separated by blanks, and its other ones. */
function table(names: Names, others: Record<string, Shape> = {}): TableShape {
  const plain = Object.entries(names).flatMap(([shape, list]) => list.split(' ').map((name) => [name, shape as Scalar] as const));
  return { keys: { ...Object.fromEntries(plain), ...others } };
}

const each = (rest: Shape): TableShape => ({ keys: {}, rest });

/**
 * Keys and types of a whole file. Those of the CRI plugin are of containerd 1.6 to 1.7 for versions 1 and 2 of the format,
 * which containerd 2 reads too, and of containerd 2 for version 3. Other plugins are not looked into. Twin: containerd
 * `services/server/config` and `pkg/cri/config`, in containerd 2 `cmd/containerd/server/config` and `internal/cri/config`.
 */
export function configShape({ version }: ConfigFile): TableShape {
  const plugins = version === 3 ? { 'io.containerd.cri.v1.images': images, 'io.containerd.cri.v1.runtime': runtime, [criPlugin]: service } : { [version === 1 ? 'cri' : criPlugin]: firstCri };
  return table(
    { string: 'root state temp plugin_dir', integer: 'version oom_score', strings: 'disabled_plugins required_plugins imports' },
    { grpc, ttrpc, debug, metrics, cgroup: table({ string: 'path' }), plugins: { keys: plugins, rest: each('anything') }, proxy_plugins: each(proxyPlugin), stream_processors: each(streamProcessor), timeouts: each('string') },
  );
}

const grpc = table({ string: 'address tcp_address tcp_tls_ca tcp_tls_cert tcp_tls_key tcp_tls_common_name', integer: 'uid gid max_recv_message_size max_send_message_size' });
const ttrpc = table({ string: 'address', integer: 'uid gid' });
const debug = table({ string: 'address level format', integer: 'uid gid' });
const metrics = table({ string: 'address', boolean: 'grpc_histogram' });
const proxyPlugin = table({ string: 'type address platform', strings: 'capabilities' }, { exports: each('string') });
const streamProcessor = table({ string: 'returns path', strings: 'accepts args env' });

const runcOptions = table({ string: 'ShimCgroup BinaryName Root CriuPath CriuImagePath CriuWorkPath', integer: 'IoUid IoGid', boolean: 'NoPivotRoot NoNewKeyring SystemdCgroup' });

const runtimeHandler: Names = {
  string: 'runtime_type runtime_path base_runtime_spec cni_conf_dir snapshotter sandboxer io_type',
  integer: 'cni_max_conf_num',
  boolean: 'privileged_without_host_devices privileged_without_host_devices_all_devices_allowed cgroup_writable',
  strings: 'pod_annotations container_annotations',
};

/** Other shims than runc's have options of their own. */
const optionsOf = (handler: Table): Shape => (String(handler['runtime_type']).startsWith('io.containerd.runc.') ? runcOptions : each('anything'));
const handler = (handler: Table): Shape => table(runtimeHandler, { options: optionsOf(handler) });
const firstHandler = (handler: Table): Shape => table({ ...runtimeHandler, string: `${runtimeHandler.string} runtime_engine runtime_root sandbox_mode` }, { options: optionsOf(handler) });

const cni = table({ string: 'bin_dir conf_dir conf_template ip_pref', integer: 'max_conf_num', boolean: 'setup_serially use_internal_loopback', strings: 'bin_dirs' });
const auth = table({ string: 'username password auth identitytoken' });
const tls = table({ string: 'ca_file cert_file key_file', boolean: 'insecure_skip_verify' });
const registry = table({ string: 'config_path' }, { mirrors: each(table({ strings: 'endpoint' })), configs: each({ keys: { auth, tls } }), auths: each(auth), headers: each('strings') });

const service = table({ string: 'stream_server_address stream_server_port stream_idle_timeout', boolean: 'disable_tcp_service enable_tls_streaming' }, { x509_key_pair_streaming: table({ string: 'tls_cert_file tls_key_file' }) });

const commonImages = table(
  { string: 'image_pull_progress_timeout', integer: 'max_concurrent_downloads stats_collect_period', boolean: 'image_pull_with_sync_fs' },
  { registry, image_decryption: table({ string: 'key_model' }) },
);
const images: TableShape = {
  keys: {
    ...commonImages.keys,
    ...table({ string: 'snapshotter', boolean: 'disable_snapshot_annotations discard_unpacked_layers disable_image_pull_with_transfer_service use_local_image_pull' }).keys,
    pinned_images: each('string'),
    runtime_platforms: each(table({ string: 'platform snapshotter' })),
  },
};

const commonRuntime = table(
  {
    string: 'unset_seccomp_profile drain_exec_sync_io_timeout',
    integer: 'selinux_category_range max_container_log_line_size',
    boolean: 'enable_selinux disable_cgroup disable_apparmor restrict_oom_score_adj disable_proc_mount tolerate_missing_hugetlb_controller disable_hugetlb_controller device_ownership_from_security_context ignore_image_defined_volumes netns_mounts_under_state_dir enable_unprivileged_ports enable_unprivileged_icmp enable_cdi',
    strings: 'cdi_spec_dirs ignore_deprecation_warnings',
  },
  { cni },
);
const runtimeSwitches = 'ignore_blockio_not_enabled_errors ignore_rdt_not_enabled_errors';
const runtime: TableShape = { keys: { ...commonRuntime.keys, containerd: table({ string: 'default_runtime_name', boolean: runtimeSwitches }, { runtimes: each(handler) }) } };

const firstCri: TableShape = {
  keys: {
    ...service.keys,
    ...commonImages.keys,
    ...commonRuntime.keys,
    ...table({ string: 'sandbox_image', boolean: 'systemd_cgroup' }).keys,
    containerd: table(
      { string: 'snapshotter default_runtime_name', boolean: `no_pivot disable_snapshot_annotations discard_unpacked_layers ${runtimeSwitches}` },
      { runtimes: each(firstHandler), default_runtime: firstHandler, untrusted_workload_runtime: firstHandler },
    ),
  },
};
