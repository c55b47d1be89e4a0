import { appendFileSync, existsSync, writeFileSync } from 'node:fs';

/**
 * Preloaded into a kubelet of a test (`NODE_OPTIONS=--import …`): writes down each step that it takes in containerd or
 * with nerdctl, and kills itself or containerd before or after one of them, once. The kubelet knows nothing of it.
 */
export interface Failpoint {
  /** `tasks.create`, `nerdctl.run` … */
  step: string;
  when: 'before' | 'after';
  victim: number | 'self';
  /** Where it is written down that it has struck. */
  struckPath: string;
}

const tracePath = process.env['PODLING_TEST_TRACE'];
const failpoint = process.env['PODLING_TEST_FAILPOINT'] === undefined ? undefined : (JSON.parse(process.env['PODLING_TEST_FAILPOINT']) as Failpoint);

/** What only asks, and what goes on all the time, is no step. */
const questions = new Set(['get', 'list', 'wait', 'mounts', 'version', 'metrics', 'stat', 'usage']);

function strike(step: string, when: Failpoint['when']): void {
  if (failpoint?.step !== step || failpoint.when !== when || existsSync(failpoint.struckPath)) return;
  writeFileSync(failpoint.struckPath, '');
  process.kill(failpoint.victim === 'self' ? process.pid : failpoint.victim, 'SIGKILL');
}

type Method = (this: unknown, ...args: never[]) => Promise<unknown>;

function wrap(prototype: Record<string, unknown>, method: string, nameOf: (args: readonly unknown[]) => string | undefined): void {
  const original = prototype[method] as Method;
  prototype[method] = async function (this: unknown, ...args: never[]): Promise<unknown> {
    const step = nameOf(args);
    if (step === undefined) return original.apply(this, args);
    if (tracePath !== undefined) appendFileSync(tracePath, `${step}\n`);
    strike(step, 'before');
    try {
      return await original.apply(this, args);
    } finally {
      strike(step, 'after');
    }
  };
}

/** A command in a container takes steps of its own: `exec.start` is not `tasks.start`. */
function callStep([service, method, request]: readonly unknown[]): string | undefined {
  if (questions.has(String(method))) return undefined;
  const inExec = ((request as { execId?: string }).execId ?? '') !== '';
  return `${inExec ? 'exec' : String(service)}.${String(method)}`;
}

async function prototypeOf(file: string, name: string): Promise<Record<string, unknown>> {
  const url = new URL(`../../packages/cri/src/containerd/${file}`, import.meta.url).href;
  const module = (await import(url)) as Record<string, { prototype: Record<string, unknown> }>;
  const found = module[name]?.prototype;
  if (!found) throw new Error(`${file} has no class ${name}`);
  return found;
}

if (tracePath !== undefined || failpoint !== undefined) {
  // The kubelet's own children are left alone.
  for (const name of ['NODE_OPTIONS', 'PODLING_TEST_TRACE', 'PODLING_TEST_FAILPOINT']) delete process.env[name];
  wrap(await prototypeOf('containerd-client.ts', 'ContainerdClient'), 'call', callStep);
  for (const method of ['run', 'remove']) wrap(await prototypeOf('nerdctl-cli.ts', 'NerdctlCli'), method, () => `nerdctl.${method}`);
}
