import type { KubeletConfiguration } from '@podling/shared/scheme';
import { ConfigurationError } from './configuration-file.ts';
import type { Flags } from './flags.ts';

/** `native`: nerdctl and containerd's own API. `remote`: CRI v1 at an endpoint. `fake`: in memory. */
export type ContainerRuntime = 'native' | 'remote' | 'fake';

export interface RuntimeChoice {
  containerRuntime: ContainerRuntime;
  /** Of the CRI runtime; absent: the well-known ones are tried in order. */
  containerRuntimeEndpoint?: string;
  /** Absent: as the runtime's. */
  imageServiceEndpoint?: string;
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
  if (containerRuntime === 'remote') return { containerRuntime, ...(runtime ? { containerRuntimeEndpoint: runtime } : {}), ...(image ? { imageServiceEndpoint: image } : {}), ignored: [] };
  if (flags.containerRuntimeEndpoint || flags.imageServiceEndpoint) {
    throw new ConfigurationError(`--container-runtime-endpoint and --image-service-endpoint are those of a CRI runtime: use them with --container-runtime=remote, not ${containerRuntime}`);
  }
  const ignored = (['containerRuntimeEndpoint', 'imageServiceEndpoint'] as const).filter((field) => file[field]);
  return { containerRuntime, ignored };
}
