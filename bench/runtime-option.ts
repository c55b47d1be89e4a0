import { parseArgs } from 'node:util';
import type { ClusterRuntime } from '@podling/deploy/local';

const runtimes: Record<string, ClusterRuntime> = { containerd: 'native', cri: 'cri' };

/** Takes `--runtime containerd` (the native one, and the default) or `--runtime cri` out of a benchmark's arguments. */
export function runtimeOption(args: string[]): { runtime: ClusterRuntime; rest: string[] } {
  const { values, positionals } = parseArgs({ args, options: { runtime: { type: 'string', default: 'containerd' } }, allowPositionals: true });
  const runtime = runtimes[values.runtime];
  if (runtime === undefined) throw new Error(`--runtime ${values.runtime}: there are ${Object.keys(runtimes).join(' and ')}`);
  return { runtime, rest: positionals };
}
