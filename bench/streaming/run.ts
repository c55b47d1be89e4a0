import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolchainDir } from '@podling/shared/process';
import { execa } from 'execa';
import { circumstances, onBenchNode } from '../bench-node.ts';
import type { BenchNode } from '../bench-node.ts';
import { quantile } from '../quantile.ts';
import { sleepingPod } from '../sleeping-pod.ts';

const MiB = 1024 * 1024;
const rounds = 3;
const execRounds = 10;
const programs = { ours: join(import.meta.dirname, '../../bin/kubectl'), go: join(toolchainDir(), 'bin/kubectl') };
/** Says so many bytes on one port to whoever connects, and takes all it is told on another. */
const serving = (bytes: number): string => `nc -ll -p 7000 -e head -c ${bytes} /dev/zero & nc -ll -p 7001 -e sh -c 'cat > /dev/null' & wait`;

/** MiB a second, and for exec milliseconds. */
interface Figures {
  cpTo: number;
  cpFrom: number;
  forwardFrom: number;
  forwardTo: number;
  execMs: number;
}

/** Measures how fast bytes go into a pod and out of it, with our kubectl and with Go's, through the same servers. */
export function run([size = '128']: string[]): Promise<unknown> {
  return onBenchNode((bench) => measure(bench, Number(size) * MiB));
}

async function measure({ world, watch }: BenchNode, bytes: number): Promise<unknown> {
  const pod = sleepingPod('web');
  const containers = pod.spec.containers.map((container) => ({ ...container, command: ['sh', '-c', serving(bytes)] }));
  const running = watch.running('web');
  await world.client.pods('default').create({ ...pod, spec: { ...pod.spec, containers } });
  await running;
  const folder = mkdtempSync(join(tmpdir(), 'podling-bench-streaming-'));
  try {
    writeFileSync(join(folder, 'file'), Buffer.alloc(bytes, 'podling'));
    const seen: Record<keyof typeof programs, Figures[]> = { ours: [], go: [] };
    const run = (program: string) => new Runner(program, { folder, bytes, kubeconfig: world.cluster.kubeconfigPath });
    // In turns, so that what disturbs the machine disturbs both.
    for (let round = 0; round < rounds; round += 1) for (const name of ['ours', 'go'] as const) seen[name].push(await run(programs[name]).figures());
    const [ours, go] = [medians(seen.ours), medians(seen.go)];
    const ratios = Object.fromEntries(Object.entries(ours).map(([name, value]) => [name, Number((value / go[name as keyof Figures]).toFixed(2))]));
    return { benchmark: 'streaming', ...circumstances(), mebibytes: bytes / MiB, rounds, ours, go, ratio: ratios['forwardFrom'], ratios };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function medians(figures: readonly Figures[]): Figures {
  const median = (name: keyof Figures): number => Number(quantile(figures.map((one) => one[name]), 0.5).toFixed(1));
  return { cpTo: median('cpTo'), cpFrom: median('cpFrom'), forwardFrom: median('forwardFrom'), forwardTo: median('forwardTo'), execMs: median('execMs') };
}

interface Scene {
  folder: string;
  bytes: number;
  kubeconfig: string;
}

/** One of the two kubectls at work. */
class Runner {
  readonly #program: string;
  readonly #scene: Scene;

  constructor(program: string, scene: Scene) {
    this.#program = program;
    this.#scene = scene;
  }

  async figures(): Promise<Figures> {
    return {
      execMs: await this.#exec(),
      cpTo: await this.#rate(() => this.#kubectl(['cp', 'file', 'web:/tmp/file'])),
      cpFrom: await this.#rate(() => this.#kubectl(['cp', 'web:/tmp/file', 'back'])),
      forwardFrom: await this.#forward(7000, receive),
      forwardTo: await this.#forward(7001, send),
    };
  }

  async #exec(): Promise<number> {
    const times: number[] = [];
    for (let round = 0; round < execRounds; round += 1) times.push(await timed(() => this.#kubectl(['exec', 'web', '--', 'true'])));
    return quantile(times, 0.5);
  }

  async #forward(port: number, transfer: (port: number, bytes: number) => Promise<void>): Promise<number> {
    const forward = this.#kubectl(['port-forward', 'pod/web', `:${port}`]);
    try {
      let said = '';
      const local = (): number => Number(/127\.0\.0\.1:(\d+) ->/.exec(said)?.[1] ?? 0);
      while (local() === 0) {
        const [data] = (await once(forward.stdout, 'data')) as [Buffer];
        said += data.toString();
      }
      return await this.#rate(() => transfer(local(), this.#scene.bytes));
    } finally {
      forward.kill('SIGTERM');
      await forward;
    }
  }

  async #rate(action: () => PromiseLike<unknown>): Promise<number> {
    const ms = await timed(action);
    return this.#scene.bytes / MiB / (ms / 1000);
  }

  #kubectl(args: string[]) {
    const { folder, kubeconfig } = this.#scene;
    return execa(this.#program, args, { cwd: folder, env: { KUBECONFIG: kubeconfig, HOME: folder }, reject: args[0] !== 'port-forward', timeout: 120_000 });
  }
}

async function timed(action: () => PromiseLike<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}

async function receive(port: number, bytes: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  let received = 0;
  socket.on('data', (data: Buffer) => (received += data.length));
  await once(socket, 'close');
  if (received !== bytes) throw new Error(`${received} of ${bytes} bytes came through the port`);
}

/** Up to when the pod has had it all. */
async function send(port: number, bytes: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const chunk = Buffer.alloc(MiB);
  for (let sent = 0; sent < bytes; sent += MiB) if (!socket.write(chunk)) await once(socket, 'drain');
  socket.end();
  await once(socket.resume(), 'close');
}
