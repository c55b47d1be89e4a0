import { join } from 'node:path';
import { ctrArgs, ctrPath, insideNode, nerdctlArgs } from '@podling/deploy/local';
import type { ClusterNode } from '@podling/deploy/local';
import { toolchainDir } from '@podling/shared/process';
import { execa } from 'execa';
import { quantile } from '../quantile.ts';

type Step = 'pause' | 'inspect' | 'joined';

/** A pod by hand: the pause container with nerdctl, its PID and IP by inspect, one container joined with ctr. */
export class ByHand {
  readonly #node: ClusterNode;
  #times: Record<Step, number[]> = { pause: [], inspect: [], joined: [] };

  constructor(node: ClusterNode) {
    this.#node = node;
  }

  async measure(name: string): Promise<void> {
    const nerdctl = (...args: string[]) => this.#run(join(toolchainDir(), 'bin/nerdctl'), [...nerdctlArgs(this.#node), ...args]);
    const ctr = (...args: string[]) => this.#run(ctrPath(), [...ctrArgs(this.#node), ...args]);
    const flags = ['--net', 'flannel', '--pull', 'never', '--log-driver', 'file:///dev/null', '--hostname', name, '--name', name];
    await this.#timed('pause', () => nerdctl('run', '-d', ...flags, 'podling.local/pause:1'));
    const pid = await this.#timed('inspect', () => nerdctl('inspect', '-f', '{{.State.Pid}}', name));
    const joins = ['net:network', 'ipc:ipc', 'uts:uts'].flatMap((pair) => {
      const [file, kind] = pair.split(':');
      return ['--with-ns', `${kind}:/proc/${pid}/ns/${file}`];
    });
    await this.#timed('joined', () => ctr('run', '-d', '--cgroup', `${this.#node.cgroupRoot}/${name}-app`, ...joins, 'podling.local/toolbox:1', `${name}-app`, 'sleep', '1000'));
    await ctr('tasks', 'delete', '--force', `${name}-app`);
    await ctr('containers', 'delete', `${name}-app`);
    await nerdctl('rm', '--force', name);
  }

  forget(): void {
    this.#times = { pause: [], inspect: [], joined: [] };
  }

  medians(): Record<Step, number> {
    const median = (step: Step): number => Math.round(quantile(this.#times[step], 0.5));
    return { pause: median('pause'), inspect: median('inspect'), joined: median('joined') };
  }

  sumMs(): number {
    return Object.values(this.#times).reduce((sum, times) => sum + quantile(times, 0.5), 0);
  }

  async #timed(step: Step, action: () => Promise<string>): Promise<string> {
    const startedAt = performance.now();
    const answer = await action();
    this.#times[step].push(performance.now() - startedAt);
    return answer;
  }

  async #run(binary: string, words: string[]): Promise<string> {
    const [command, args] = insideNode(this.#node.netns, [binary, ...words]);
    const env = { PATH: `${join(toolchainDir(), 'bin')}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
    return (await execa(command, args, { env, stdin: 'ignore' })).stdout.trim();
  }
}
