import type { RuntimeHandler, RuntimeService, RuntimeStatus } from '@podling/cri';
import { errorText } from '../runtime/error-text.ts';
import { readPodCidr } from '@podling/shared/process';

export interface RuntimeStateOptions {
  runtime: Pick<RuntimeService, 'status' | 'version'>;
  subnetFile?: string;
}

/** What the runtime last said about itself and its network. Refreshed by the node status loop. */
export class RuntimeState {
  readonly #options: RuntimeStateOptions;
  #problem: string | undefined = 'container runtime status check may not have completed yet';
  #networkProblem: string | undefined = 'container runtime status check may not have completed yet';
  #podCidr: string | undefined;
  readonly #checks: { name: string; problem: () => string | undefined }[] = [];
  #version = '';
  #handlers: readonly RuntimeHandler[] = [];
  #features: RuntimeStatus['features'];

  constructor(options: RuntimeStateOptions) {
    this.#options = options;
  }

  async refresh(): Promise<void> {
    const { runtime, subnetFile } = this.#options;
    const [status, podCidr] = await Promise.all([runtime.status(), subnetFile === undefined ? undefined : readPodCidr(subnetFile)]);
    this.#podCidr = podCidr ?? this.#podCidr;
    this.#problem = runtimeProblem(status);
    this.#handlers = status.runtimeHandlers;
    this.#features = status.features;
    this.#networkProblem = networkProblem(status) ?? this.#subnetProblem(podCidr);
    if (this.#problem === undefined && this.#version === '') {
      const { runtimeName, runtimeVersion } = await runtime.version();
      this.#version = `${runtimeName}://${runtimeVersion.replace(/^v/, '')}`;
    }
  }

  /** Something that the node is not ready without. */
  addHealthCheck(name: string, problem: () => string | undefined): void {
    this.#checks.push({ name, problem });
  }

  /** Why the node is not ready, or undefined; several reasons are in brackets. */
  problem(): string | undefined {
    const failed = this.#checks.flatMap(({ name, problem }) => {
      const text = problem();
      return text === undefined ? [] : [`${name} is not healthy: ${text}`];
    });
    const problems = [this.#problem ?? this.#networkProblem, ...failed].filter((text) => text !== undefined);
    return problems.length > 1 ? `[${problems.join(', ')}]` : problems[0];
  }

  /** Why nothing can run at all, network aside; undefined when it can. */
  runtimeProblem(): string | undefined {
    return this.#problem;
  }

  /** Why no pod can get a network now, or undefined. */
  networkProblem(): string | undefined {
    return this.#networkProblem;
  }

  /** What the runtime can start containers with; empty until it has answered. */
  runtimeHandlers(): readonly RuntimeHandler[] {
    return this.#handlers;
  }

  features(): RuntimeStatus['features'] {
    return this.#features;
  }

  podCidr(): string | undefined {
    return this.#podCidr;
  }

  /** `containerd://1.7.35`; '' until the runtime has answered. */
  version(): string {
    return this.#version;
  }

  #subnetProblem(podCidr: string | undefined): string | undefined {
    if (this.#options.subnetFile === undefined || podCidr !== undefined) return undefined;
    return 'container runtime network not ready: flannel has not written its subnet file yet';
  }
}

function runtimeProblem({ conditions }: RuntimeStatus): string | undefined {
  const condition = conditions.find(({ type }) => type === 'RuntimeReady');
  if (condition?.status === true) return undefined;
  return `container runtime is down: ${errorText(condition?.message ?? 'it does not say whether it is ready')}`;
}

function networkProblem({ conditions }: RuntimeStatus): string | undefined {
  const condition = conditions.find(({ type }) => type === 'NetworkReady');
  if (condition?.status === true) return undefined;
  return `container runtime network not ready: NetworkReady=false reason:${condition?.reason ?? 'Unknown'} message:${condition?.message ?? 'no such condition'}`;
}
