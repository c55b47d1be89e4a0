import { join } from 'node:path';
import type { KeyedBackOff } from '../back-off/keyed-back-off.ts';
import { ImageManager, pullLimit } from '../images/image-manager.ts';
import { nodeDockerConfigs, PullCredentials } from '../images/pull-credentials.ts';
import { PulledImages, verification } from '../images/pulled-images.ts';
import { createHandlerRunner } from '../lifecycle/handler-runner.ts';
import type { PodObjects } from '../objects/pod-objects.ts';
import { RuntimeClasses } from '../objects/runtime-classes.ts';
import type { ProbeManager } from '../prober/probe-manager.ts';
import { ContainerStarter } from '../runtime/container-starter.ts';
import { CrashBackOff } from '../runtime/crash-back-off.ts';
import { KubeRuntimeManager } from '../runtime/kube-runtime-manager.ts';
import { PodKiller } from '../runtime/pod-killer.ts';
import { PodResizer } from '../runtime/pod-resizer.ts';
import { SandboxStarter } from '../runtime/sandbox-starter.ts';
import { WaitingReasonCache } from '../runtime/waiting-reasons.ts';
import { SubPaths } from '../volumes/sub-paths.ts';
import type { BaseParts } from './base-parts.ts';
import type { Core } from './core.ts';
import type { ContainerManager } from './create-container-manager.ts';
import { createServiceVariables, nodeContext } from './node-context.ts';

export interface RuntimeBackOffs {
  image: KeyedBackOff;
  failure: KeyedBackOff;
  resize: KeyedBackOff;
}

/** The runtime manager and the parts of it that others hear from. */
export function createRuntimeManager(core: Core, base: BaseParts, objects: PodObjects, probes: ProbeManager, containerManager: ContainerManager, backOffs: RuntimeBackOffs) {
  const { config, client, runtime, clock, paths, mounter, logger } = core;
  const { statuses, events, state, services } = base;
  const { cgroups, figures } = containerManager;
  const waiting = new WaitingReasonCache();
  const crashBackOff = new CrashBackOff({ maxMs: config.crashLoopMaxRestartPeriodMs, events, waiting, clock });
  const images = createImageManager(core, base, objects, backOffs.image);
  const hooks = createHandlerRunner({ runtime, events, clock });
  const killer = new PodKiller({ runtime, events, hooks, clock, hostIPs: [config.nodeIp] });
  const node = nodeContext(core);
  const runtimeManager = new KubeRuntimeManager({
    runtime, statuses, paths, killer, probes, cgroups, figures, node,
    sandboxes: new SandboxStarter({ runtime, events, failureBackOff: backOffs.failure, dns: node.dns, runtimeClasses: new RuntimeClasses(client), networkProblem: () => state.networkProblem() }),
    containers: new ContainerStarter({
      runtime, images, events, waiting, objects, hooks, killer, paths, crashBackOff,
      failureBackOff: backOffs.failure,
      serviceVariables: createServiceVariables(core, services),
      subPaths: new SubPaths({ paths, mounter, logger }),
    }),
    resizer: new PodResizer(runtime, cgroups, figures),
    resizeBackOff: backOffs.resize,
  });
  return { runtimeManager, images, waiting, crashBackOff, killer };
}

function createImageManager({ config, runtime, clock }: Core, { events }: BaseParts, objects: PodObjects, backOff: KeyedBackOff): ImageManager {
  return new ImageManager({
    images: runtime, clock, backOff,
    credentials: new PullCredentials({
      secret: (pod, name) => objects.secret(pod, name),
      nodeConfigFiles: nodeDockerConfigs(config.rootDir),
      onMissing: (pod, message) => events.pod(pod, 'Warning', 'FailedToRetrieveImagePullSecret', message),
    }),
    pulled: new PulledImages({ folder: join(config.rootDir, 'image_manager'), ...verification(config.configuration) }),
    ...pullLimit(config),
  });
}
