import type { KubeletConfiguration } from '@podling/shared/scheme';
import { ConfigurationError } from './configuration-file.ts';
import type { Flags } from './flags.ts';

/** `native`: nerdctl and containerd's own API. `remote`: CRI v1 at an endpoint. `fake`: in memory. */
export type ContainerRuntime = 'native' | 'remote' | 'fake';

/** Paths of PEM files. */
export interface RuntimeTls {
  caFile: string;
  certFile?: string;
  keyFile?: string;
}

export interface RuntimeChoice {
  containerRuntime: ContainerRuntime;
  /** Of the CRI runtime; absent: the well-known ones are tried in order. */
  containerRuntimeEndpoint?: string;
  /** Absent: as the runtime's. */
  imageServiceEndpoint?: string;
  /** For those of the endpoints that are TCP. */
  containerRuntimeTls?: RuntimeTls;
  /** Fields of the file that the choice leaves without effect. */
  ignored: string[];
}

/**
 * The runtime that is named by flag, else CRI where an endpoint is given by flag or file, else the native one. Throws
 * {@link ConfigurationError} for flags that contradict each other.
 */
export function chooseRuntime(flags: Flags, file: Pick<KubeletConfiguration, 'containerRuntimeEndpoint' | 'imageServiceEndpoint'>): RuntimeChoice {
  const runtime = flags.containerRuntimeEndpoint ?? file.containerRuntimeEndpoint;
  const image = flags.imageServiceEndpoint ?? file.imageServiceEndpoint;
  const containerRuntime = flags.containerRuntime ?? (runtime || image ? 'remote' : 'native');
  const tls = runtimeTls(flags, containerRuntime === 'remote' ? [runtime, image] : []);
  if (containerRuntime === 'remote') {
    return { containerRuntime, ...(runtime ? { containerRuntimeEndpoint: runtime } : {}), ...(image ? { imageServiceEndpoint: image } : {}), ...(tls ? { containerRuntimeTls: tls } : {}), ignored: [] };
  }
  if (flags.containerRuntimeEndpoint || flags.imageServiceEndpoint) {
    throw new ConfigurationError(`--container-runtime-endpoint and --image-service-endpoint are those of a CRI runtime: use them with --container-runtime=remote, not ${containerRuntime}`);
  }
  const ignored = (['containerRuntimeEndpoint', 'imageServiceEndpoint'] as const).filter((field) => file[field]);
  return { containerRuntime, ignored };
}

const tlsFlags = { containerRuntimeTlsCaFile: 'ca-file', containerRuntimeTlsCertFile: 'cert-file', containerRuntimeTlsPrivateKeyFile: 'private-key-file' } as const;

/** Files that nothing would read are refused: whoever names one believes that it protects something. */
function runtimeTls(flags: Flags, endpoints: readonly (string | undefined)[]): RuntimeTls | undefined {
  const { containerRuntimeTlsCaFile: caFile, containerRuntimeTlsCertFile: certFile, containerRuntimeTlsPrivateKeyFile: keyFile } = flags;
  const given = (Object.keys(tlsFlags) as (keyof typeof tlsFlags)[]).filter((key) => flags[key] !== undefined).map((key) => `--container-runtime-tls-${tlsFlags[key]}`);
  if (given.length === 0) return undefined;
  const names = `${given.join(', ')} ${given.length === 1 ? 'is' : 'are'}`;
  if (!endpoints.some((endpoint) => endpoint?.startsWith('tcp://'))) {
    throw new ConfigurationError(`${names} for a CRI runtime at tcp://HOST:PORT: leave them out, or name such a --container-runtime-endpoint or --image-service-endpoint`);
  }
  if (caFile === undefined) throw new ConfigurationError(`${names} of no use without a CA to know the server by: take --container-runtime-tls-ca-file with them`);
  return { caFile, ...(certFile === undefined ? {} : { certFile }), ...(keyFile === undefined ? {} : { keyFile }) };
}
