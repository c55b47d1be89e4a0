import { mkdtempSync, readFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { containerOf, isRunning, podUntil, waitUntil } from '@podling/deploy/observe';
import type { ClusterNode } from '@podling/deploy/local';
import type { World } from '@podling/deploy/observe';
import type { Pod } from '@podling/shared/api';
import { mountPointsBelow } from '@podling/shared/process';
import { expect } from 'vitest';
import { applyPod } from './e2e-cluster.ts';
import type { Failpoint } from './failpoints.ts';
import { nodeContainers } from './node-containers.ts';

/** One step of a pod's life at which a process is killed. */
export interface Cell {
  step: string;
  when: Failpoint['when'];
  victim: 'kubelet' | 'containerd';
}

const preload = pathToFileURL(join(import.meta.dirname, 'failpoints.ts')).href;
const isGone = (path: string): boolean => !existsSync(path);

/** Runs a pod through start, restart and stop on one node, whose processes are killed on the way. */
export class FailpointMatrix {
  readonly #world: World;
  readonly #node: ClusterNode;
  #count = 0;

  constructor(world: World, node: ClusterNode) {
    this.#world = world;
    this.#node = node;
  }

  /** Every step of such a life, each once, in the order of its first time. */
  async steps(): Promise<string[]> {
    const folder = this.#folder();
    const tracePath = join(folder, 'trace');
    await this.#restartKubelet({ PODLING_TEST_TRACE: tracePath });
    await this.#life(folder);
    const steps = readFileSync(tracePath, 'utf8').trim().split('\n');
    rmSync(folder, { recursive: true });
    return [...new Set(steps)];
  }

  /** Resolves to whether the step was met at all. The pod's end is as if nothing had happened, and nothing is left of it. */
  async strike({ step, when, victim }: Cell): Promise<boolean> {
    const folder = this.#folder();
    const failpoint: Failpoint = { step, when, victim: victim === 'kubelet' ? 'self' : (this.#node.containerd.pid ?? 0), struckPath: join(folder, 'struck') };
    const isStruck = (): boolean => existsSync(failpoint.struckPath);
    // Some steps are met by a kubelet that starts, before or after it is ready.
    await this.#restartKubelet({ PODLING_TEST_FAILPOINT: JSON.stringify(failpoint) }).catch((error: unknown) => isStruck() || Promise.reject(error));
    const keeper = this.#keepAlive();
    try {
      await this.#life(folder);
      return isStruck();
    } finally {
      await keeper.stop();
      rmSync(folder, { recursive: true });
    }
  }

  /** Back to a kubelet without failpoints. */
  async end(): Promise<void> {
    await this.#restartKubelet({});
  }

  /**
   * An init container runs once, a sidecar from then to the end; the first run of the main one fails, the second becomes
   * ready by its probe and stays until the pod is deleted. Hooks run at least once, as a kubelet that died in one repeats it.
   */
  async #life(folder: string): Promise<void> {
    const name = `life-${(this.#count += 1)}`;
    await applyPod(this.#world, configMapOf(name));
    await applyPod(this.#world, podOf(name, this.#node.name, folder));
    const pod = await podUntil(this.#world, name, 'ready after one restart', (seen) => isReady(seen) && containerOf(seen).restartCount === 1, 90);
    expect(pod.status?.initContainerStatuses).toMatchObject([
      { name: 'init', restartCount: 0, state: { terminated: { exitCode: 0 } } }, { name: 'sidecar', restartCount: 0, state: { running: {} } },
    ]);
    expect(containerOf(pod).lastState?.terminated?.exitCode).toBe(3);
    await this.#world.client.pods(this.#world.namespace).delete(name);
    const gone = (): Promise<boolean> => this.#world.client.pods(this.#world.namespace).get(name).then(() => false, () => true);
    await waitUntil(`pod ${name} to be gone`, gone, { timeoutMs: 90_000 });
    await this.#world.client.configMaps(this.#world.namespace).delete(name);
    expect(linesIn(folder, 'runs')).toEqual(['init', 'main', 'main', 'sidecar']);
    expect(new Set(linesIn(folder, 'hooks'))).toEqual(new Set(['postStart', 'preStop']));
    await this.#leavesNothing(pod.metadata.uid ?? '');
  }

  async #leavesNothing(uid: string): Promise<void> {
    const { paths } = this.#node;
    await waitUntil(`nothing to be left of pod ${uid}`, async () => {
      const containers = (await nodeContainers(this.#node)).filter(({ labels }) => labels['io.kubernetes.pod.uid'] === uid || labels['nerdctl/name']?.startsWith(uid));
      return containers.length === 0 && isGone(join(paths.kubeletRoot, 'pods', uid)) && mountPointsBelow(paths.runtimeState).every((point) => !point.includes(uid));
    }, { timeoutMs: 60_000 });
  }

  async #restartKubelet(environment: Record<string, string>): Promise<void> {
    const { kubelet } = this.#node;
    await kubelet.kill('SIGKILL');
    const own = { ...environment, ...(Object.keys(environment).length === 0 ? {} : { NODE_OPTIONS: `--import=${preload}` }) };
    const before = Object.keys(own).map((key) => [key, process.env[key]] as const);
    Object.assign(process.env, own);
    try {
      await kubelet.start();
    } finally {
      for (const [key, value] of before) if (value === undefined) delete process.env[key]; else process.env[key] = value;
    }
  }

  /** Starts what has died, as a service manager does; the failpoint strikes once, so the new one lives. */
  #keepAlive(): { stop: () => Promise<void> } {
    const ending = new AbortController();
    const { kubelet, containerd } = this.#node;
    const running = (async () => {
      while (!ending.signal.aborted) {
        for (const part of [containerd, kubelet]) if (part.pid === undefined) await part.start();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    return {
      stop: async () => {
        ending.abort();
        await running;
      },
    };
  }

  #folder(): string {
    return mkdtempSync('/tmp/podling-failpoint-');
  }
}

function linesIn(folder: string, file: string): string[] {
  return readFileSync(join(folder, file), 'utf8').trim().split('\n').toSorted();
}

const isReady = (pod: Pod): boolean => isRunning(pod) && pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;

function configMapOf(name: string): Record<string, unknown> {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { key: 'value' } };
}

function podOf(name: string, nodeName: string, folder: string): Record<string, unknown> {
  const container = (own: string, script: string) => ({
    name: own, image: 'podling.local/toolbox:1', command: ['sh', '-c', `echo ${own} >> /runs/runs; ${script}`], volumeMounts: [{ name: 'runs', mountPath: '/runs' }],
  });
  const stay = 'while :; do sleep 0.2; done';
  const hook = (own: string) => ({ exec: { command: ['sh', '-c', `echo ${own} >> /runs/hooks`] } });
  const main = container('main', `trap "exit 3" TERM; if mkdir /runs/failed 2> /dev/null; then sleep 0.5; exit 3; fi; trap "exit 0" TERM; ${stay}`);
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name },
    spec: {
      nodeName, terminationGracePeriodSeconds: 5, tolerations: [{ operator: 'Exists' }],
      volumes: [{ name: 'runs', hostPath: { path: folder } }, { name: 'config', configMap: { name } }],
      initContainers: [container('init', 'exit 0'), { ...container('sidecar', `trap "exit 0" TERM; ${stay}`), restartPolicy: 'Always' }],
      containers: [{
        ...main,
        volumeMounts: [...main.volumeMounts, { name: 'config', mountPath: '/config' }, { name: 'config', mountPath: '/one', subPath: 'key' }],
        lifecycle: { postStart: hook('postStart'), preStop: hook('preStop') },
        readinessProbe: { exec: { command: ['cmp', '/config/key', '/one'] }, periodSeconds: 1 },
      }],
    },
  };
}
