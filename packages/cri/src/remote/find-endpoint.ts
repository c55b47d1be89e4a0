import { checkEndpoint, EndpointError } from './check-endpoint.ts';

/** Where runtimes listen unless they are told otherwise, in the order that Kubernetes' tools look: containerd, CRI-O, cri-dockerd. */
export const wellKnownEndpoints: readonly string[] = ['unix:///run/containerd/containerd.sock', 'unix:///run/crio/crio.sock', 'unix:///var/run/cri-dockerd.sock'];

export interface FoundEndpoint {
  endpoint: string;
  /** For the log: nobody has chosen it. */
  warning: string;
}

/**
 * The first of the well-known endpoints at which a CRI v1 runtime answers. `setting` names what the user would set to choose
 * (`--container-runtime-endpoint`). Fails with {@link EndpointError}, whose message names every endpoint and why it is none.
 */
export async function findEndpoint(setting: string, candidates = wellKnownEndpoints, check: typeof checkEndpoint = checkEndpoint): Promise<FoundEndpoint> {
  const reasons: EndpointError[] = [];
  for (const endpoint of candidates) {
    try {
      const { runtimeName, runtimeVersion } = await check(endpoint);
      return { endpoint, warning: `no container runtime endpoint is set: using ${endpoint} (${runtimeName} ${runtimeVersion}), the first well-known one that answers; set ${setting} to choose` };
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error;
      reasons.push(error);
    }
  }
  const tried = reasons.map(({ message }) => `\n  ${message}`).join('');
  throw new EndpointError('Missing', `no container runtime endpoint is set, and there is none at the well-known ones: start a CRI runtime, or set ${setting}${tried}`, { cause: reasons[0] });
}
