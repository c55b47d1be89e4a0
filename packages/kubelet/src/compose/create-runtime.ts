import { join } from 'node:path';
import type { CriRuntime } from '@podling/cri';
import { toolchainDir } from '@podling/shared/process';
import type { Clock, Logger } from '@podling/shared/util';
import type { KubeletConfig } from '../config.ts';

/** The one place that names implementations of the runtime; each is loaded only when it is used. */
export async function createRuntime(config: KubeletConfig, clock: Clock, logger: Logger): Promise<CriRuntime> {
  return config.containerRuntime === 'fake' ? createFake(config, clock) : createContainerd(config, clock, logger);
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
    nerdctlDataRoot: config.nerdctlDataRoot,
    pauseImage: config.podInfraContainerImage,
    registryHostsDirs: [join(config.rootDir, 'certs.d'), '/etc/containerd/certs.d', '/etc/docker/certs.d'],
    clock,
    logger,
  });
}
