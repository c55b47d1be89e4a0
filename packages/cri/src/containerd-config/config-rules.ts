import { posix } from 'node:path';
import type { ConfigGround } from './check-config.ts';
import { isTable, shown } from './config-file.ts';
import type { ConfigFile } from './config-file.ts';
import { criPlugin } from './containerd-config.ts';
import { error, warning } from './finding.ts';
import type { Finding } from './finding.ts';

type Rule = (file: ConfigFile, ground: ConfigGround) => Iterable<Finding>;

/** In the order in which a user meets them. */
export const rules: readonly Rule[] = [version, pluginNames, places, criIsOn, sandboxImage, networks, cgroupDriver, limits, tcp, registries, imports];

function* version({ version }: ConfigFile): Iterable<Finding> {
  if (version === 1) yield warning(['version'], 'the file says no version, so it is read as version 1, which containerd 2 no longer takes', 'begin it with version = 2 and give plugins their long names: containerd config migrate');
  else if (version === 3) yield warning(['version'], 'version 3 is read by containerd 2 only', 'with containerd 1.7 or older, make the file anew with version = 2');
  else if (version !== 2 && typeof version === 'number') yield error(['version'], `there is no version ${JSON.stringify(version)} of this file, and containerd does not start`, 'write version = 2');
}

const isLong = (name: unknown): boolean => /^io\.containerd\.[^.]+\.[^.]+/.test(shown(name));

/** From version 2 on containerd ends with an error at a short name. That of CRI in disabled_plugins is told by `criIsOn`. */
function* pluginNames(file: ConfigFile): Iterable<Finding> {
  if (file.version === 1) return;
  const plugins = file.at('plugins');
  const named: [string[], unknown[]][] = [[['disabled_plugins'], file.list('disabled_plugins').filter((name) => !criNames.has(name))], [['required_plugins'], file.list('required_plugins')], [['plugins'], isTable(plugins) ? Object.keys(plugins) : []]];
  for (const [path, names] of named) {
    for (const name of names.filter((each) => !isLong(each))) {
      yield error(path, `"${shown(name)}" is the short name of a plugin, and containerd does not start with it in version ${shown(file.version)}`, `write its long name: "${name === 'cri' ? criPlugin : `io.containerd.….v1.${shown(name)}`}"`);
    }
  }
}

function* places(file: ConfigFile): Iterable<Finding> {
  for (const path of [['root'], ['state'], ['grpc', 'address']]) {
    const value = file.at(...path);
    if (value === undefined) continue;
    if (typeof value !== 'string' || !posix.isAbsolute(value)) yield error(path, 'this is no absolute path', 'write one: "/…"');
  }
  const [root, state] = [file.at('root'), file.at('state')];
  if (root !== undefined && root === state) yield error(['state'], 'root and state are one folder, and containerd does not start', 'give state a folder of its own, which is empty after a reboot: /run/containerd');
}

const criNames = new Set<unknown>(['cri', criPlugin, 'io.containerd.cri.v1.images', 'io.containerd.cri.v1.runtime']);

function* criIsOn(file: ConfigFile): Iterable<Finding> {
  for (const name of file.list('disabled_plugins').filter((each) => criNames.has(each))) {
    const end = isLong(name) || file.version === 1 ? 'so a kubelet gets "unknown service runtime.v1.RuntimeService"' : `by a short name at which containerd does not even start in version ${shown(file.version)}`;
    yield error(['disabled_plugins'], `the CRI plugin is off ("${shown(name)}"), ${end}`, 'take it out of the list and restart containerd');
  }
}

function* sandboxImage(file: ConfigFile, { sandboxImage: expected }: ConfigGround): Iterable<Finding> {
  const { path, value } = file.sandboxImage;
  if (value === undefined) {
    yield warning(path, "there is no sandbox image, so containerd's default is pulled from registry.k8s.io, which fails without access to it", `name an image that is there or can be pulled${expected === undefined ? '' : `: "${expected}"`}`);
  } else if (typeof value !== 'string' || value.trim() === '') {
    yield error(path, 'the sandbox image is no image name, so no pod starts', `name an image that is there or can be pulled${expected === undefined ? '' : `: "${expected}"`}`);
  }
}

function* networks(file: ConfigFile, { exists, entries }: ConfigGround): Iterable<Finding> {
  const cni = [...file.cri.runtime, 'cni'];
  const confPath = [...cni, 'conf_dir'];
  const conf = file.at(...confPath) ?? '/etc/cni/net.d';
  const bins = file.list(...cni, 'bin_dirs');
  const binPath = [...cni, bins.length > 0 ? 'bin_dirs' : 'bin_dir'];
  for (const folder of bins.length > 0 ? bins : [file.at(...cni, 'bin_dir') ?? '/opt/cni/bin']) {
    if (typeof folder !== 'string' || !exists(folder)) yield error(binPath, `there is no folder ${shown(folder)} with CNI plugins`, 'install the CNI plugins there, or name the folder that has them');
    else if (!entries(folder).includes('loopback')) yield error(binPath, `${folder} has no CNI plugin loopback, without which no pod gets a network`, 'install the CNI plugins there, or name the folder that has them');
  }
  if (typeof conf !== 'string' || !exists(conf)) yield error(confPath, `there is no folder ${shown(conf)}`, 'make it and put a network there, or name the folder that has one');
  else if (!entries(conf).some((name) => /\.(conf|conflist|json)$/.test(name))) yield warning(confPath, `${conf} has no network yet: the node is NotReady with "cni plugin not initialized"`, 'install a network (flannel, or a bridge conflist) there');
}

function* cgroupDriver(file: ConfigFile, { cgroupDriver: kubelets }: ConfigGround): Iterable<Finding> {
  const containerd = [...file.cri.runtime, 'containerd'];
  const name = file.at(...containerd, 'default_runtime_name') ?? 'runc';
  const path = [...containerd, 'runtimes', shown(name), 'options', 'SystemdCgroup'];
  const value = file.at(...path) ?? false;
  if (typeof value !== 'boolean') return void (yield error(path, 'this is neither true nor false', `write ${kubelets === 'systemd'}`));
  if (name !== 'runc' && !isTable(file.at(...containerd, 'runtimes', shown(name)))) yield error([...containerd, 'default_runtime_name'], `there is no runtime "${shown(name)}" below runtimes`, 'name one that is there');
  const driver = value ? 'systemd' : 'cgroupfs';
  if (driver !== kubelets) yield error(path, `containerd's cgroup driver is ${driver}, the kubelet's is ${kubelets}: pods are put where nobody limits them, or do not start`, `write SystemdCgroup = ${kubelets === 'systemd'}, or set the kubelet's cgroupDriver to ${driver}`);
}

function* limits(file: ConfigFile, ground: ConfigGround): Iterable<Finding> {
  const oomPath = [...file.cri.runtime, 'restrict_oom_score_adj'];
  if (!ground.limits.maySetOomScore && file.at(...oomPath) !== true) {
    yield error(oomPath, 'this machine permits no lower OOM score (CAP_SYS_RESOURCE is missing), so pods fail with "write /proc/self/oom_score_adj: permission denied"', 'write restrict_oom_score_adj = true');
  }
  const hugetlbPath = [...file.cri.runtime, 'disable_hugetlb_controller'];
  if (!ground.limits.hasHugetlbController && file.at(...hugetlbPath) === false) {
    yield error(hugetlbPath, 'this machine has no hugetlb cgroup controller, so containers do not start', 'write disable_hugetlb_controller = true');
  }
}

function* tcp(file: ConfigFile, { exists }: ConfigGround): Iterable<Finding> {
  const address = file.at('grpc', 'tcp_address');
  if (typeof address !== 'string' || address === '') return;
  const [cert, key, ca] = ['tcp_tls_cert', 'tcp_tls_key', 'tcp_tls_ca'].map((name) => ({ path: ['grpc', name], value: file.at('grpc', name) }));
  if (!cert?.value || !key?.value) yield error(['grpc', 'tcp_address'], `containerd serves ${address} without TLS: whoever reaches it is root on this machine`, 'set tcp_tls_cert, tcp_tls_key and tcp_tls_ca, or take tcp_address out');
  else if (!ca?.value) yield error(['grpc', 'tcp_tls_ca'], `containerd asks clients at ${address} for no certificate: whoever reaches it is root on this machine`, 'set tcp_tls_ca to the CA that its clients are signed by');
  for (const { path, value } of [cert, key, ca].filter((each) => each !== undefined)) {
    if (typeof value === 'string' && value !== '' && !exists(value)) yield error(path, `there is no file ${value}, and containerd does not start`, 'make the file, or mend its path');
  }
  if (file.at(...file.cri.service, 'disable_tcp_service') !== false) yield warning([...file.cri.service, 'disable_tcp_service'], `CRI is not served at ${address}, only containerd's own API is`, 'write disable_tcp_service = false for a kubelet or crictl over TCP');
}

function* registries(file: ConfigFile, { exists }: ConfigGround): Iterable<Finding> {
  const registry = [...file.cri.images, 'registry'];
  const path = [...registry, 'config_path'];
  const folders = file.at(...path);
  const old = ['mirrors', 'configs'].filter((name) => isTable(file.at(...registry, name)));
  if (typeof folders === 'string' && folders !== '') {
    for (const name of old.filter((each) => each === 'mirrors' || hasTls(file.at(...registry, each)))) yield error([...registry, name], `${name} and config_path exclude each other, and the CRI plugin does not load`, `write a hosts.toml per registry below ${folders} and take ${name} out`);
    const missing = folders.split(':').filter((folder) => !exists(folder));
    for (const folder of missing) yield warning(path, `there is no folder ${folder}, so no mirror or CA of a registry is used`, 'make it, with a folder per registry that holds its hosts.toml');
  } else {
    for (const name of old) yield warning([...registry, name], `registry.${name} is gone in containerd 2`, 'set config_path = "/etc/containerd/certs.d" and write a hosts.toml per registry there');
  }
}

/** Credentials alone may stand beside config_path. */
function hasTls(configs: unknown): boolean {
  return isTable(configs) && Object.values(configs).some((host) => isTable(host) && isTable(host['tls']));
}

function* imports(file: ConfigFile): Iterable<Finding> {
  const others = file.list('imports');
  if (others.length > 0) yield warning(['imports'], `what ${others.map(shown).join(', ')} say over this file is not looked at here`, 'check those files by themselves');
}
