import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolchainDir } from '@podling/shared/process';
import { execa } from 'execa';
import { circumstances, onBenchNode } from '../bench-node.ts';
import type { BenchNode } from '../bench-node.ts';
import { quantile, summary } from '../quantile.ts';
import { sleepingPod } from '../sleeping-pod.ts';

const warmUps = 3;
const commands = ['get pods', 'get pod pod-0 -o yaml', 'get pods -o jsonpath={.items[*].metadata.name}', 'label pod pod-0 a=b --overwrite', 'config get-contexts', 'version --client'];

const binaries = {
  ours: join(import.meta.dirname, '../../bin/kubectl'),
  go: join(toolchainDir(), 'bin/kubectl-newest'),
};
type Whose = keyof typeof binaries;

/** Measures commands from the start of the process to its end, ours and the Go kubectl's in turn. */
export function run([rounds = '30']: string[]): Promise<unknown> {
  return onBenchNode((bench) => measure(bench, Number(rounds)));
}

async function measure(bench: BenchNode, rounds: number): Promise<unknown> {
  const names = Array.from({ length: 5 }, (_, index) => `pod-${index}`);
  const running = names.map((name) => bench.watch.running(name));
  for (const name of names) await bench.world.client.pods('default').create(sleepingPod(name));
  await Promise.all(running);
  const user = new User(bench.world.cluster.kubeconfigPath);
  try {
    const results: Record<string, object> = {};
    for (const command of commands) results[command] = await user.compare(command.split(' '), rounds);
    const ratios = Object.fromEntries(Object.entries(results).map(([command, result]) => [command, (result as { ratio: number }).ratio]));
    return { benchmark: 'cli-start', ...circumstances(), rounds, ratio: ratios['get pods'], ratios, milliseconds: results };
  } finally {
    user.leave();
  }
}

/** Somebody with a home of their own, where both keep their caches. */
class User {
  readonly #home = mkdtempSync(join(tmpdir(), 'podling-bench-cli-'));
  readonly #kubeconfig: string;

  constructor(kubeconfig: string) {
    this.#kubeconfig = kubeconfig;
  }

  async compare(words: readonly string[], rounds: number): Promise<object> {
    const times: Record<Whose, number[]> = { ours: [], go: [] };
    for (let round = -warmUps; round < rounds; round += 1) {
      for (const whose of ['ours', 'go'] as const) {
        const took = await this.#time(binaries[whose], words);
        if (round >= 0) times[whose].push(took);
      }
    }
    const ratio = quantile(times.ours, 0.5) / quantile(times.go, 0.5);
    return { ratio: Number(ratio.toFixed(2)), ours: summary(times.ours), go: summary(times.go) };
  }

  leave(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }

  async #time(binary: string, words: readonly string[]): Promise<number> {
    const startedAt = performance.now();
    const env = { HOME: this.#home, XDG_CACHE_HOME: this.#home, KUBECONFIG: this.#kubeconfig, NO_COLOR: '1', FORCE_COLOR: undefined, NODE_COMPILE_CACHE: undefined };
    await execa(binary, words, { cwd: this.#home, env, stdin: 'ignore' });
    return performance.now() - startedAt;
  }
}
