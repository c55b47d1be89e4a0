import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { addNativeFlags } from '@podling/cri/native-flags';
import type { NativeFlags } from '@podling/cri/native-flags';
import type { TlsFiles } from './tls-files.ts';
import { parseDurationMs } from '@podling/shared/util';
import type { ConfigFile } from './config-file.ts';
import { CommandError } from './report.ts';

/** The flags that every command has, as commander gives them. */
export interface GlobalFlags extends NativeFlags {
  config?: string;
  debug?: boolean;
  imageEndpoint?: string;
  runtimeEndpoint?: string;
  timeout?: string;
  endpointTlsCaFile?: string;
  endpointTlsCertFile?: string;
  endpointTlsPrivateKeyFile?: string;
  endpointTlsServerName?: string;
}

/** Where the runtime is and how it is asked: the command line, then the environment, then the file. */
export interface Settings {
  /** Undefined: the well-known ones in order. */
  runtimeEndpoint: string | undefined;
  imageEndpoint: string | undefined;
  /** Of the runtime's first answer. */
  timeoutMs: number;
  debug: boolean;
  pullImageOnCreate: boolean;
  disablePullOnRun: boolean;
  tls: TlsFiles | undefined;
  /** Of containerd's own API, where somebody has said one. */
  containerdNamespace: string | undefined;
  native: NativeFlags;
}

const DEFAULT_TIMEOUT_MS = 2_000;
const SYSTEM_FILE = '/etc/crictl.yaml';

export function addGlobalFlags(program: Command): Command {
  program
    .option('-c, --config <path>', `the client's configuration file (default: ${SYSTEM_FILE}, then crictl.yaml beside the program) [$CRI_CONFIG_FILE]`)
    .option('-D, --debug', 'say what is asked and answered')
    .option('-i, --image-endpoint <endpoint>', 'endpoint of the CRI image service (default: the runtime\'s) [$IMAGE_SERVICE_ENDPOINT]')
    .option('-r, --runtime-endpoint <endpoint>', 'the container runtime: unix:///PATH, tcp://HOST:PORT, or native:///PATH, the socket of a containerd that nerdctl and this program work on (default: the well-known CRI sockets in order) [$CONTAINER_RUNTIME_ENDPOINT]')
    .option('-t, --timeout <duration>', 'how long the runtime may take for its first answer (default: 2s)')
    .option('--endpoint-tls-ca-file <path>', 'CA of a runtime at a TCP endpoint')
    .option('--endpoint-tls-cert-file <path>', 'client certificate for it')
    .option('--endpoint-tls-private-key-file <path>', 'its key')
    .option('--endpoint-tls-server-name <name>', 'the name in its certificate (default: the host of the endpoint)');
  return addNativeFlags(program.optionsGroup('Options of native://:'), { rootDir: '/var/lib/kubelet', containerdNamespace: 'podling' });
}

/** The path of the file that holds, whether it is there or not. */
export function configPath(flags: Pick<GlobalFlags, 'config'>, env: Readonly<Record<string, string | undefined>>): string {
  const asked = flags.config ?? env['CRI_CONFIG_FILE'];
  if (asked !== undefined && asked !== '') return asked;
  const beside = fileURLToPath(new URL('../../../bin/crictl.yaml', import.meta.url));
  return existsSync(SYSTEM_FILE) || !existsSync(beside) ? SYSTEM_FILE : beside;
}

const environment: Record<string, string> = { runtimeEndpoint: 'CONTAINER_RUNTIME_ENDPOINT', imageEndpoint: 'IMAGE_SERVICE_ENDPOINT' };

export function settingsOf(program: Command, file: ConfigFile | undefined, env: Readonly<Record<string, string | undefined>>): Settings {
  const flags = program.opts<GlobalFlags>();
  const said = Object.fromEntries(program.options.map((option) => [option.attributeName(), saidOf(program, option.attributeName(), option.name(), file, env)])) as unknown as GlobalFlags & { timeout?: string | number };
  const { runtimeEndpoint, imageEndpoint, timeout } = said;
  return {
    runtimeEndpoint: textOf(runtimeEndpoint), imageEndpoint: textOf(imageEndpoint),
    timeoutMs: timeoutOf(timeout),
    debug: said.debug === true,
    pullImageOnCreate: file?.get('pull-image-on-create') === true,
    disablePullOnRun: file?.get('disable-pull-on-run') === true,
    tls: tlsOf(said),
    containerdNamespace: program.getOptionValueSource('containerdNamespace') === 'cli' || file?.get('containerd-namespace') !== undefined ? said.containerdNamespace : undefined,
    native: { ...flags, ...said },
  };
}

function saidOf(program: Command, attribute: string, name: string, file: ConfigFile | undefined, env: Readonly<Record<string, string | undefined>>): unknown {
  if (program.getOptionValueSource(attribute) === 'cli') return program.getOptionValue(attribute) as unknown;
  return (env[environment[attribute] ?? ''] || undefined) ?? file?.get(name) ?? (program.getOptionValue(attribute) as unknown);
}

function textOf(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : String(value);
}

/** Seconds in a file, a duration on the command line. */
function timeoutOf(timeout: string | number | undefined): number {
  if (timeout === undefined) return DEFAULT_TIMEOUT_MS;
  const ms = durationMs(String(timeout), 'timeout');
  return ms > 0 ? ms : DEFAULT_TIMEOUT_MS;
}

/** `5s`, `1m30s`, or plain seconds. */
export function durationMs(text: string, flag: string): number {
  if (/^-?\d+$/.test(text)) return Number(text) * 1000;
  try {
    return parseDurationMs(text);
  } catch (cause) {
    throw new CommandError(`invalid value ${JSON.stringify(text)} for flag -${flag}: ${(cause as Error).message}`, { cause });
  }
}

function tlsOf({ endpointTlsCaFile: caFile, endpointTlsCertFile: certFile, endpointTlsPrivateKeyFile: keyFile, endpointTlsServerName: serverName }: GlobalFlags): TlsFiles | undefined {
  if (caFile === undefined) return undefined;
  return { caFile, ...(certFile === undefined ? {} : { certFile }), ...(keyFile === undefined ? {} : { keyFile }), ...(serverName === undefined ? {} : { serverName }) };
}
