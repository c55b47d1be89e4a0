import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pod } from '@podling/shared/api';
import { containerOf, cpuPercent, isRunning, mustSucceed, nodeOf, pidOf, podUntil, waitUntil } from '../observe/index.ts';
import type { World } from '../observe/index.ts';
import type { Check } from './checklist.ts';
import { placements } from './placements.ts';

const examples = join(import.meta.dirname, '../../examples');

function must(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}

export function applyExamples(world: World): Check {
  return {
    title: 'kubectl apply -f examples/: pods are running on both nodes',
    run: async () => {
      const applied = await mustSucceed(world.kubectl, ['apply', '-f', examples]);
      for (const name of ['web', 'two-containers', 'half-core']) await podUntil(world, name, 'Running', isRunning);
      const tables = [await mustSucceed(world.kubectl, ['get', 'nodes', '-o', 'wide']), await mustSucceed(world.kubectl, ['get', 'pods', '-o', 'wide'])];
      return [applied.trim(), ...tables].join('\n\n');
    },
  };
}

export function placement(world: World): Check {
  return {
    title: 'E7 why each pod was put where it is',
    run: async () => {
      const { items } = await world.client.events('default').list({ fieldSelector: 'reason=Scheduled' });
      must(items.length >= 3, `only ${items.length} Scheduled Events`);
      const scores = placements(readFileSync(world.cluster.process('scheduler').logPath, 'utf8'));
      return items.map(({ message = '', involvedObject }) => `${message} (${scores.get(involvedObject?.name ?? '') ?? 'no scores'})`).join('\n');
    },
  };
}

export function sharedVolume(world: World): Check {
  return {
    title: 'E1 two containers of a pod share a volume and localhost',
    run: () =>
      waitUntil(
        'the writer to read its page back over localhost',
        async () => {
          const line = await mustSucceed(world.kubectl, ['logs', 'two-containers', '-c', 'writer', '--tail', '1']);
          return /page \d+/.test(line) && `writer read over localhost: ${line}`;
        },
        { timeoutMs: 30_000 },
      ),
  };
}

export function memoryLimit(world: World): Check {
  return {
    title: 'E2 a container over its memory limit is OOMKilled with 137',
    run: async () => {
      const pod = await podUntil(world, 'memory-hog', 'terminated', (p) => p.status?.containerStatuses?.[0]?.state?.terminated !== undefined);
      const terminated = containerOf(pod).state?.terminated;
      must(terminated?.reason === 'OOMKilled' && terminated.exitCode === 137, `terminated with ${JSON.stringify(terminated)}`);
      return mustSucceed(world.kubectl, ['get', 'pod', 'memory-hog']);
    },
  };
}

export function cpuLimit(world: World): Check {
  return {
    title: 'E2 a pod limited to 500m uses about half a core',
    run: async () => {
      const pod = await podUntil(world, 'half-core', 'Running', isRunning);
      const percent = await waitUntil(
        'half-core to use 40 to 60 % of a core over 5 s (a busy machine gives it less)',
        async () => {
          const used = await cpuPercent(world, pod, 5000);
          must(used < 60, `half-core uses ${used.toFixed(0)} % of a core`);
          return used > 40 && used;
        },
        { timeoutMs: 30_000 },
      );
      return `half-core: ${percent.toFixed(0)} % of a core over 5 s`;
    },
  };
}

export function crashHeals(world: World): Check {
  return {
    title: 'E3 a killed container comes back with restart count 1',
    run: async () => {
      const before = await podUntil(world, 'web', 'Running', isRunning);
      process.kill(await pidOf(world, before), 'SIGKILL');
      await podUntil(world, 'web', 'restarted once', (pod) => isRunning(pod) && containerOf(pod).restartCount === 1);
      return mustSucceed(world.kubectl, ['get', 'pod', 'web', 'crash-loop']);
    },
  };
}

function clientPod(node: string, address: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'client' },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': node },
      restartPolicy: 'Never',
      containers: [{ name: 'client', image: 'podling.local/toolbox:1', command: ['fetch', `http://${address}/`] }],
    },
  });
}

export function acrossNodes(world: World): Check {
  return {
    title: "E4 a client pod on the other node reads the web pod's page, and so does the host",
    run: async () => {
      const web = await podUntil(world, 'web', 'Running', isRunning);
      const other = world.cluster.nodes.find(({ name }) => name !== web.spec.nodeName);
      if (!other) throw new Error('there is no other node');
      const address = `${web.status?.podIP}:8080`;
      await mustSucceed(world.kubectl, ['apply', '-f', '-'], clientPod(other.name, address));
      await podUntil(world, 'client', 'Succeeded', (pod) => pod.status?.phase === 'Succeeded');
      const answer = (await mustSucceed(world.kubectl, ['logs', 'client'])).trim();
      must(answer.includes('hello from web'), `the client pod read "${answer}"`);
      const host = (await (await fetch(`http://${address}/`, { signal: AbortSignal.timeout(5000) })).text()).trim();
      must(host === answer, `the host read "${host}"`);
      return `client on ${other.name} → web on ${web.spec.nodeName}: ${answer}\nhost → ${address}: ${host}`;
    },
  };
}

export function killAndRestart(world: World): Check {
  return {
    title: 'E5 kubelet and apiserver are killed and restarted, containers keep their PIDs',
    run: async () => {
      const web = await podUntil(world, 'web', 'Running', isRunning);
      const before = await pidOf(world, web);
      for (const name of [`kubelet/${nodeOf(world, web).name}`, 'apiserver']) {
        const part = world.cluster.process(name);
        await part.kill('SIGKILL');
        await part.start();
      }
      const again = await podUntil(world, 'web', 'Running', isRunning);
      const after = await pidOf(world, again);
      must(before === after && containerOf(again).restartCount === containerOf(web).restartCount, `PID ${before} became ${after}`);
      return `web: PID ${before} before and after`;
    },
  };
}

export function thirdNode(world: World): Check {
  return {
    title: 'E6 a third node joins the running cluster',
    run: async () => {
      await world.cluster.up({ nodes: 3 });
      return mustSucceed(world.kubectl, ['get', 'nodes']);
    },
  };
}

const readiness = (world: World, node: string, wanted: string): Promise<string> =>
  waitUntil(
    `${node} to have Ready=${wanted}`,
    async () => {
      const { status } = await world.client.nodes().get(node);
      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      return ready?.status === wanted && mustSucceed(world.kubectl, ['get', 'nodes']);
    },
    { timeoutMs: 120_000 },
  );

export function lostNode(world: World): Check {
  return {
    title: 'E6 a node whose kubelet dies is NotReady, and Ready again when it is back',
    run: async () => {
      const node = world.cluster.nodes.at(-1);
      if (!node) throw new Error('there are no nodes');
      await node.kubelet.kill('SIGKILL');
      const lost = await readiness(world, node.name, 'Unknown');
      await node.kubelet.start();
      return `${lost}\n${await readiness(world, node.name, 'True')}`;
    },
  };
}

export function badInput(world: World): Check {
  return {
    title: 'E8 bad files are explained and harm nothing',
    run: async () => {
      const said: string[] = [];
      for (const file of ['syntax.yaml', 'duplicate-names.yaml', 'quantity.yaml', 'unknown-volume.yaml']) {
        const { exitCode, stderr } = await world.kubectl(['apply', '-f', join(examples, 'bad', file)]);
        must(exitCode === 1 && stderr !== '', `apply of bad/${file} exited with ${exitCode} and said "${stderr}"`);
        said.push(`${file}: ${stderr.trim()}`);
      }
      await podUntil(world, 'web', 'still Running', isRunning);
      return said.join('\n');
    },
  };
}

const waitingReason = (pod: Pod): string => pod.status?.containerStatuses?.[0]?.state?.waiting?.reason ?? '';

export function missingImage(world: World): Check {
  return {
    title: 'E8 an image that does not exist and a pod that fits nowhere stay Pending with a reason',
    run: async () => {
      for (const file of ['no-such-image.yaml', 'fits-nowhere.yaml']) await mustSucceed(world.kubectl, ['apply', '-f', join(examples, 'bad', file)]);
      await podUntil(world, 'no-such-image', 'ErrImagePull', (pod) => /^(ErrImagePull|ImagePullBackOff)$/.test(waitingReason(pod)), 90);
      const pod = await podUntil(world, 'fits-nowhere', 'unschedulable', (p) =>
        (p.status?.conditions ?? []).some(({ type, status }) => type === 'PodScheduled' && status === 'False'),
      );
      const why = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message ?? '';
      return `${await mustSucceed(world.kubectl, ['get', 'pod', 'no-such-image', 'fits-nowhere'])}\nfits-nowhere: ${why}`;
    },
  };
}

export function deleteAll(world: World): Check {
  return {
    title: 'kubectl delete: nothing is left on the nodes',
    run: async () => {
      await mustSucceed(world.kubectl, ['delete', 'pods', '--all', '--timeout', '90s']);
      const { items } = await world.client.pods().list();
      must(items.length === 0, `${items.length} pods are left`);
      return undefined;
    },
  };
}
