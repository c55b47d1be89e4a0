import { Command } from 'commander';
import { parseDurationSeconds, parseInsecureBind } from './config.ts';
import type { ApiServerConfig, EtcdConfig, KubeletClientFiles } from './config.ts';

interface Flags {
  storage: string;
  etcdServers?: string;
  etcdCafile?: string;
  etcdCertfile?: string;
  etcdKeyfile?: string;
  etcdPrefix: string;
  bindAddress: string;
  securePort: string;
  tlsCertFile?: string;
  tlsPrivateKeyFile?: string;
  clientCaFile?: string;
  kubeletClientCertificate?: string;
  kubeletClientKey?: string;
  kubeletCertificateAuthority?: string;
  insecureBind?: string;
  eventTtl: string;
}

const listOf = (text: string): string[] => text.split(',').map((part) => part.trim()).filter((part) => part !== '');

/** Drops what is undefined, so that optional fields are absent. */
function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function etcdConfig(flags: Flags): EtcdConfig {
  const servers = listOf(flags.etcdServers ?? '');
  if (servers.length === 0) throw new Error('--storage etcd3 needs --etcd-servers URL[,URL]');
  const { etcdCafile, etcdCertfile, etcdKeyfile, etcdPrefix } = flags;
  return { servers, prefix: etcdPrefix, ...present({ caFile: etcdCafile, certFile: etcdCertfile, keyFile: etcdKeyfile }) };
}

function storageConfig(flags: Flags): ApiServerConfig['storage'] {
  if (flags.storage === 'memory') return { kind: 'memory' };
  if (flags.storage === 'etcd3') return { kind: 'etcd3', ...etcdConfig(flags) };
  throw new Error(`--storage is etcd3 or memory, not ${JSON.stringify(flags.storage)}`);
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`--secure-port ${JSON.stringify(text)} is no port`);
  return port;
}

function servingConfig(flags: Flags): Pick<ApiServerConfig, 'serving'> {
  const { tlsCertFile, tlsPrivateKeyFile, clientCaFile } = flags;
  if (!tlsCertFile && !tlsPrivateKeyFile && !clientCaFile && flags.insecureBind) return {};
  if (!tlsCertFile || !tlsPrivateKeyFile || !clientCaFile) {
    throw new Error('serving needs --tls-cert-file, --tls-private-key-file and --client-ca-file (or --insecure-bind alone)');
  }
  const bindAddresses = listOf(flags.bindAddress);
  return { serving: { tlsCertFile, tlsPrivateKeyFile, clientCaFile, bindAddresses, port: portOf(flags.securePort) } };
}

function kubeletClientOf(flags: Flags): KubeletClientFiles {
  return present({
    clientCertificate: flags.kubeletClientCertificate,
    clientKey: flags.kubeletClientKey,
    certificateAuthority: flags.kubeletCertificateAuthority,
  });
}

function createCommand(): Command {
  return new Command('apiserver')
    .description('Serves the Kubernetes API on etcd or in memory.')
    .option('--storage <kind>', 'where objects are kept: etcd3 or memory', 'etcd3')
    .option('--etcd-servers <urls>', 'etcd endpoints, comma-separated')
    .option('--etcd-cafile <path>', "CA of etcd's certificates")
    .option('--etcd-certfile <path>', 'client certificate for etcd')
    .option('--etcd-keyfile <path>', 'client key for etcd')
    .option('--etcd-prefix <prefix>', 'root of all keys in etcd', '/registry')
    .option('--bind-address <addresses>', 'addresses of the secure port, comma-separated', '0.0.0.0')
    .option('--secure-port <port>', 'port of HTTPS', '6443')
    .option('--tls-cert-file <path>', 'serving certificate')
    .option('--tls-private-key-file <path>', 'key of the serving certificate')
    .option('--client-ca-file <path>', 'CA of client certificates')
    .option('--kubelet-client-certificate <path>', 'client certificate for kubelets')
    .option('--kubelet-client-key <path>', 'client key for kubelets')
    .option('--kubelet-certificate-authority <path>', "CA of the kubelets' certificates")
    .option('--insecure-bind <address:port>', 'plain HTTP without authentication, loopback only, for development')
    .option('--event-ttl <duration>', 'how long Events are kept', '1h');
}

/** The configuration in a command line (`process.argv`). Prints help and exits on `--help`; throws for a wrong value. */
export function parseCommandLine(argv: readonly string[]): ApiServerConfig {
  const flags = createCommand().parse(argv).opts<Flags>();
  const { insecureBind } = flags;
  return {
    storage: storageConfig(flags),
    ...servingConfig(flags),
    ...(insecureBind ? { insecureBind: parseInsecureBind(insecureBind) } : {}),
    kubeletClient: kubeletClientOf(flags),
    eventTtlSeconds: parseDurationSeconds(flags.eventTtl),
  };
}
