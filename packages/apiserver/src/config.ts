import { parseDurationMs } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';

/** Paths of PEM files. */
export interface ServingFiles {
  tlsCertFile: string;
  tlsPrivateKeyFile: string;
  clientCaFile: string;
}

export interface KubeletClientFiles {
  clientCertificate?: string;
  clientKey?: string;
  certificateAuthority?: string;
}

export interface EtcdConfig {
  servers: readonly string[];
  prefix?: string;
  caFile?: string;
  certFile?: string;
  keyFile?: string;
}

/** Where audit events go: a file, or `-` for standard output. Without a policy file every request leaves its metadata. */
export interface AuditConfig {
  logPath: string;
  policyFile?: string;
}

/** Who issues tokens of service accounts, and with which keys. Paths of PEM files. */
export interface ServiceAccountConfig {
  /** The first signs, tokens of all are taken. Default `https://kubernetes.default.svc`. */
  issuers?: readonly string[];
  /** Absent: a key that ends with the process. */
  signingKeyFile?: string;
  /** Keys whose tokens are taken, beside the signing key. */
  keyFiles?: readonly string[];
  /** Whom tokens are for that name nobody; default the first issuer. */
  audiences?: readonly string[];
}

/** Everything one apiserver needs to know. At least one of `serving` and `insecureBind` is there. */
export interface ApiServerConfig {
  storage: { kind: 'memory' } | ({ kind: 'etcd3' } & EtcdConfig);
  /** The secure listeners. */
  serving?: ServingFiles & { bindAddresses: readonly string[]; port: number };
  /** For development: plain HTTP, everybody is system:masters. Loopback only. Port 0 = any. */
  insecureBind?: { address: string; port: number };
  kubeletClient?: KubeletClientFiles;
  serviceAccounts?: ServiceAccountConfig;
  /** Names of admission plugins that do not run; by default all do. */
  disabledAdmissionPlugins?: readonly string[];
  audit?: AuditConfig;
  /** Requests being answered at once, 0 = no limit; default 400 that read and 200 that write. */
  maxRequestsInFlight?: { readOnly: number; mutating: number };
  /** Until an answer begins; default 60,000. */
  requestTimeoutMs?: number;
  /** Between readiness' end and the listeners'; default 0. */
  shutdownDelayMs?: number;
  /**
   * Whether there is a garbage collector. Without one, a delete that asks for Orphan or Foreground sets no finalizer, since
   * nobody would take it away. Default false.
   */
  enableGarbageCollector?: boolean;
  /** A watch without a timeout of its own ends after this to twice this; default 1,800,000. */
  minRequestTimeoutMs?: number;
  /** Where the rest of the cluster finds this apiserver; default: see `advertiseAddressOf`. */
  advertiseAddress?: string;
  /** A CIDR of which services get their addresses. Default `10.96.0.0/16`. */
  serviceClusterIPRange?: string;
  /** Default 3600. */
  eventTtlSeconds?: number;
  /** Changes kept per resource for watches that resume; an older start is 410. The storage's defaults if absent. */
  watchHistorySize?: number;
  clock?: Clock;
  logger?: Logger;
}

/** `1h`, `90m` as whole seconds. Throws for anything else and for less than a second. */
export function parseDurationSeconds(text: string): number {
  const seconds = Math.floor(parseDurationMs(text) / 1000);
  if (seconds < 1) throw new Error(`the duration ${JSON.stringify(text)} is shorter than a second`);
  return seconds;
}

const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/** `127.0.0.1:8080` or `[::1]:8080`. Throws for an address that others can reach. */
export function parseInsecureBind(text: string): { address: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3] ?? Number.NaN);
  if (!match || !(port <= 65_535)) throw new Error(`--insecure-bind ${JSON.stringify(text)} is no ADDRESS:PORT`);
  assertLoopback(address);
  return { address, port };
}

/** Whether only this machine can reach the address. */
export function isLoopback(address: string): boolean {
  return loopback.test(address);
}

/** Throws for an address that others can reach: the insecure port asks nobody who they are. */
export function assertLoopback(address: string): void {
  if (!isLoopback(address)) throw new Error(`--insecure-bind serves without authentication, so only on loopback: ${JSON.stringify(address)} is refused`);
}
