import type { ContainerdTools } from '@podling/cri/containerd-tools';
import type { CriConnection } from '@podling/cri/v1';
import type { TlsFiles } from './tls-files.ts';
import type { Io } from './io.ts';
import { CommandError, report } from './report.ts';
import type { Settings } from './settings.ts';

export interface Connected {
  cri: CriConnection;
  /** Where each service is. */
  runtime: string;
  image: string;
  /** Why nothing can be had of the runtime; the error as it is where there is nothing to add. */
  explain(error: unknown): Promise<unknown>;
  /** containerd's own API; undefined where there may be none. Nothing is asked of it yet. */
  tools: (() => Promise<ContainerdTools>) | undefined;
}

const NATIVE = 'native://';
const CONTAINERD = '/run/containerd/containerd.sock';
const SETTING = '--runtime-endpoint, or runtime-endpoint in crictl.yaml';

/** A runtime at the endpoint, in other processes or made here. `streamingTls`: of exec, attach and port-forward. */
export async function connect(settings: Settings, io: Io, streamingTls?: TlsFiles): Promise<Connected> {
  const endpoint = settings.runtimeEndpoint ?? (await findEndpoint(io));
  return endpoint.startsWith(NATIVE) ? native(endpoint.slice(NATIVE.length), settings) : remote(endpoint, settings, streamingTls);
}

async function findEndpoint(io: Io): Promise<string> {
  const { findEndpoint: find } = await import('@podling/cri/remote');
  try {
    const { endpoint, warning } = await find(SETTING);
    report(io, 'warning', warning);
    return endpoint;
  } catch (cause) {
    throw new CommandError(`${(cause as Error).message}\n  for nerdctl and containerd without CRI: --runtime-endpoint ${NATIVE}${CONTAINERD}`, { cause });
  }
}

/** As a visitor: the kubelet that owns the pods, or another crictl, may be at work. */
async function native(path: string, settings: Settings): Promise<Connected> {
  const { native: flags, imageEndpoint } = settings;
  if (path !== '' && !path.startsWith('/')) throw new CommandError(`the path of the socket is not absolute: ${NATIVE}/run/… has three slashes`);
  if (imageEndpoint !== undefined) throw new CommandError(`--image-endpoint is that of a CRI runtime: ${NATIVE} has its images in the same place`);
  const [{ createContainerdRuntime }, { createLocalConnection }, { nativeOptions }, { createLogger }] = await Promise.all([
    import('@podling/cri/containerd'), import('@podling/cri/server'), import('@podling/cri/native-flags'), import('@podling/shared/util'),
  ]);
  const address = path === '' ? CONTAINERD : path;
  const runtime = createContainerdRuntime({ ...nativeOptions(flags), address, visitor: true, logger: createLogger('crictl', 'error') });
  return { cri: createLocalConnection(runtime), runtime: NATIVE + address, image: NATIVE + address, explain: async (error) => error, tools: () => toolsAt(address, settings, flags.containerdNamespace) };
}

async function remote(endpoint: string, settings: Settings, streamingTls: TlsFiles | undefined): Promise<Connected> {
  const { imageEndpoint, tls, containerdNamespace = 'k8s.io' } = settings;
  const socket = /^(?:unix:\/\/)?(\/.*)$/.exec(endpoint)?.[1];
  const { checkEndpoint, createRemoteConnection } = await import('@podling/cri/remote');
  const cri = createRemoteConnection({ endpoint, ...(imageEndpoint === undefined ? {} : { imageEndpoint }), ...(tls === undefined ? {} : { tls }), ...(streamingTls === undefined ? {} : { streamingTls }) });
  return {
    cri,
    runtime: endpoint,
    image: imageEndpoint ?? endpoint,
    explain: async (error) => {
      const why = await Promise.all([endpoint, imageEndpoint ?? endpoint].map((one) => checkEndpoint(one, tls).then(() => undefined, (cause: unknown) => cause)));
      return why.find((one) => one !== undefined) ?? error;
    },
    tools: socket === undefined ? undefined : () => toolsAt(socket, settings, containerdNamespace),
  };
}

/** containerd serves CRI and its own API on one socket. */
async function toolsAt(address: string, { native: { toolchainDir, registryHostsDirs }, containerdNamespace }: Settings, namespace: string): Promise<ContainerdTools> {
  const { ContainerdTools: Tools } = await import('@podling/cri/containerd-tools');
  return new Tools({ address, namespace: containerdNamespace ?? namespace, toolchainDir, registryHostsDirs });
}
