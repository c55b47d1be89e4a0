import { join } from 'node:path';
import type { CriRuntime } from '@podling/cri';
import { toolchainDir } from '@podling/shared/process';
import type { Clock, Logger } from '@podling/shared/util';
import type { KubeletConfig } from '../config.ts';

/** The one place that names implementations of the runtime; each is loaded only when it is used. */
export async function createRuntime(config: KubeletConfig, clock: Clock, logger: Logger): Promise<CriRuntime> {
  if (config.containerRuntime === 'fake') return createFake(config, clock);
  return config.containerRuntime === 'remote' ? createRemote(config, clock, logger) : createContainerd(config, clock, logger);
}

const setting = '--container-runtime-endpoint or containerRuntimeEndpoint';

/** An endpoint that is wrong ends the kubelet; a runtime that is not there yet makes the node not ready until it comes. */
async function createRemote(config: KubeletConfig, clock: Clock, logger: Logger): Promise<CriRuntime> {
  const { checkEndpoint, createRemoteRuntime, EndpointError, findEndpoint } = await import('@podling/cri/remote');
  const { containerRuntimeTls: tls, imageServiceEndpoint } = config;
  const usable = async (endpoint: string): Promise<string> => {
    try {
      await checkEndpoint(endpoint, tls);
    } catch (error) {
      if (!(error instanceof EndpointError) || !error.mayPass) throw error;
      logger.warn({ err: error }, 'the container runtime is not there yet');
    }
    return endpoint;
  };
  const found = async (): Promise<string> => {
    const { endpoint } = await findEndpoint(setting);
    logger.warn({ endpoint, setting }, 'no container runtime endpoint is set, the first well-known one that answers is used');
    return endpoint;
  };
  const endpoint = config.containerRuntimeEndpoint === undefined ? await found() : await usable(config.containerRuntimeEndpoint);
  const imageEndpoint = imageServiceEndpoint === undefined ? endpoint : await usable(imageServiceEndpoint);
  return createRemoteRuntime({ endpoint, imageEndpoint, ...(tls ? { tls } : {}), requestTimeoutMs: config.runtimeRequestTimeoutMs, clock, logger });
}

async function createFake(config: KubeletConfig, clock: Clock): Promise<CriRuntime> {
  const { createFakeRuntime } = await import('@podling/cri/fake');
  return createFakeRuntime({ clock, images: [config.podInfraContainerImage, 'podling.local/toolbox:1'] });
}

async function createContainerd(config: KubeletConfig, clock: Clock, logger: Logger): Promise<CriRuntime> {
  const { createContainerdRuntime } = await import('@podling/cri/containerd');
  const toolchain = config.toolchainDir ?? toolchainDir();
  return createContainerdRuntime({
    address: config.containerdAddress,
    namespace: config.containerdNamespace,
    stateDir: config.containerdStateDir,
    toolchainDir: toolchain,
    cniConfDir: config.cniConfDir,
    cniBinDir: config.cniBinDir ?? join(toolchain, 'cni/bin'),
    network: config.cniNetwork,
    nerdctlDataRoot: config.nerdctlDataRoot,
    pauseImage: config.podInfraContainerImage,
    logLimits: config.containerLogs,
    registryHostsDirs: [join(config.rootDir, 'certs.d'), '/etc/containerd/certs.d', '/etc/docker/certs.d'],
    clock,
    logger,
  });
}
