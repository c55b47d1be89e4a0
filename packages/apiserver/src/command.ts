import { isIP } from 'node:net';
import { Command } from 'commander';
import { parseDurationMs } from '@podling/shared/util';
import { isLoopback, parseDurationSeconds, parseInsecureBind } from './config.ts';
import type { ApiServerConfig, EtcdConfig, KubeletClientFiles, ServiceAccountConfig } from './config.ts';

interface Flags {
  storage: string;
  etcdServers?: string;
  etcdCafile?: string;
  etcdCertfile?: string;
  etcdKeyfile?: string;
  etcdPrefix: string;
  bindAddress: string;
  advertiseAddress?: string;
  securePort: string;
  tlsCertFile?: string;
  tlsPrivateKeyFile?: string;
  clientCaFile?: string;
  kubeletClientCertificate?: string;
  kubeletClientKey?: string;
  kubeletCertificateAuthority?: string;
  insecureBind?: string;
  eventTtl: string;
  serviceClusterIpRange: string;
  serviceAccountIssuer: string[];
  serviceAccountSigningKeyFile?: string;
  serviceAccountKeyFile: string[];
  apiAudiences?: string;
  disableAdmissionPlugins: string[];
  auditLogPath?: string;
  auditPolicyFile?: string;
  maxRequestsInflight: string;
  maxMutatingRequestsInflight: string;
  requestTimeout: string;
  minRequestTimeout: string;
  shutdownDelayDuration: string;
  enableGarbageCollector?: boolean;
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

function advertiseConfig({ advertiseAddress }: Flags): Pick<ApiServerConfig, 'advertiseAddress'> {
  if (advertiseAddress === undefined) return {};
  if (isIP(advertiseAddress) === 0) throw new Error(`--advertise-address ${JSON.stringify(advertiseAddress)} is no IP address`);
  if (isLoopback(advertiseAddress)) throw new Error(`--advertise-address ${advertiseAddress} is the loopback: nobody else reaches it`);
  return { advertiseAddress };
}

function kubeletClientOf(flags: Flags): KubeletClientFiles {
  return present({
    clientCertificate: flags.kubeletClientCertificate,
    clientKey: flags.kubeletClientKey,
    certificateAuthority: flags.kubeletCertificateAuthority,
  });
}

/** For a flag that may be given more than once. */
const collect = (text: string, before: string[]): string[] => [...before, ...listOf(text)];

function serviceAccountConfig(flags: Flags): ServiceAccountConfig {
  const { serviceAccountIssuer: issuers, serviceAccountKeyFile: keyFiles, serviceAccountSigningKeyFile: signingKeyFile, apiAudiences } = flags;
  const wrong = issuers.find((issuer) => issuer.includes(':') && !URL.canParse(issuer));
  if (wrong !== undefined) throw new Error(`--service-account-issuer ${JSON.stringify(wrong)} is no URL`);
  return {
    ...(issuers.length > 0 ? { issuers } : {}), ...(keyFiles.length > 0 ? { keyFiles } : {}),
    ...present({ signingKeyFile, audiences: apiAudiences === undefined ? undefined : listOf(apiAudiences) }),
  };
}

/** On etcd an apiserver is one of several, or will be started again: its tokens must outlive it. */
function requireSigningKey({ storage, serviceAccountSigningKeyFile, tlsCertFile }: Flags): void {
  if (storage !== 'memory' && tlsCertFile && !serviceAccountSigningKeyFile) throw new Error('--service-account-signing-key-file is needed: tokens must outlive this process');
}

function auditConfig({ auditLogPath, auditPolicyFile }: Flags): Pick<ApiServerConfig, 'audit'> {
  if (!auditLogPath && auditPolicyFile) throw new Error('--audit-policy-file needs --audit-log-path');
  return auditLogPath ? { audit: { logPath: auditLogPath, ...present({ policyFile: auditPolicyFile }) } } : {};
}

function countOf(flag: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${flag} ${JSON.stringify(text)} is no count`);
  return Number(text);
}

function limitsConfig(flags: Flags): Pick<ApiServerConfig, 'maxRequestsInFlight' | 'requestTimeoutMs' | 'minRequestTimeoutMs' | 'shutdownDelayMs'> {
  return {
    maxRequestsInFlight: {
      readOnly: countOf('--max-requests-inflight', flags.maxRequestsInflight),
      mutating: countOf('--max-mutating-requests-inflight', flags.maxMutatingRequestsInflight),
    },
    requestTimeoutMs: parseDurationSeconds(flags.requestTimeout) * 1000,
    minRequestTimeoutMs: countOf('--min-request-timeout', flags.minRequestTimeout) * 1000,
    shutdownDelayMs: parseDurationMs(flags.shutdownDelayDuration),
  };
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
    .option('--advertise-address <ip>', 'where the rest of the cluster finds this apiserver (default: the bind address, else that of the default route)')
    .option('--secure-port <port>', 'port of HTTPS', '6443')
    .option('--tls-cert-file <path>', 'serving certificate')
    .option('--tls-private-key-file <path>', 'key of the serving certificate')
    .option('--client-ca-file <path>', 'CA of client certificates')
    .option('--kubelet-client-certificate <path>', 'client certificate for kubelets')
    .option('--kubelet-client-key <path>', 'client key for kubelets')
    .option('--kubelet-certificate-authority <path>', "CA of the kubelets' certificates")
    .option('--insecure-bind <address:port>', 'plain HTTP without authentication, loopback only, for development')
    .option('--event-ttl <duration>', 'how long Events are kept', '1h')
    .option('--service-cluster-ip-range <cidr>', 'range of which services get their addresses', '10.96.0.0/16')
    .option('--service-account-issuer <url>', 'who signs tokens of service accounts; may be repeated, the first signs', collect, [])
    .option('--service-account-signing-key-file <path>', 'private key that tokens of service accounts are signed with')
    .option('--service-account-key-file <path>', 'key that tokens are checked with, beside the signing key; may be repeated', collect, [])
    .option('--api-audiences <names>', 'whom tokens are for that name nobody, comma-separated (default: the issuer)')
    .option('--disable-admission-plugins <names>', 'admission plugins that do not run, comma-separated; all others do', collect, [])
    .option('--audit-log-path <path>', 'file that audit events are appended to, - for standard output')
    .option('--audit-policy-file <path>', 'audit.k8s.io/v1 Policy that says what is recorded')
    .option('--max-requests-inflight <count>', 'reading requests answered at once, 0 for no limit', '400')
    .option('--max-mutating-requests-inflight <count>', 'writing requests answered at once, 0 for no limit', '200')
    .option('--request-timeout <duration>', 'until an answer must have begun', '60s')
    .option('--min-request-timeout <seconds>', 'least time that a watch without a timeout of its own is kept', '1800')
    .option('--shutdown-delay-duration <duration>', 'how long requests are still served after readiness has ended', '0s')
    .option('--enable-garbage-collector', 'deletes set the finalizers of a garbage collector, which has to run');
}

/** The configuration in a command line (`process.argv`). Prints help and exits on `--help`; throws for a wrong value. */
export function parseCommandLine(argv: readonly string[]): ApiServerConfig {
  const flags = createCommand().parse(argv).opts<Flags>();
  const { insecureBind } = flags;
  requireSigningKey(flags);
  return {
    storage: storageConfig(flags),
    ...servingConfig(flags),
    ...advertiseConfig(flags),
    ...(insecureBind ? { insecureBind: parseInsecureBind(insecureBind) } : {}),
    kubeletClient: kubeletClientOf(flags),
    eventTtlSeconds: parseDurationSeconds(flags.eventTtl),
    serviceClusterIPRange: flags.serviceClusterIpRange,
    serviceAccounts: serviceAccountConfig(flags),
    disabledAdmissionPlugins: flags.disableAdmissionPlugins,
    ...auditConfig(flags),
    ...limitsConfig(flags),
    ...(flags.enableGarbageCollector ? { enableGarbageCollector: true } : {}),
  };
}
