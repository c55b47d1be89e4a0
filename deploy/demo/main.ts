import { styleText } from 'node:util';
import { Command } from 'commander';
import { openCluster } from '../local/index.ts';
import { openWorld } from '../observe/index.ts';
import type { World } from '../observe/index.ts';
import * as checks from './checks.ts';
import { Checklist } from './checklist.ts';
import { fakeDemo } from './fake.ts';

interface DemoOptions {
  keep: boolean;
  fake: boolean;
  name: string;
}

const program = new Command('demo')
  .description('Brings a two-node cluster up from nothing, shows what it can do, and takes it down again.')
  .option('--keep', 'leave the cluster running at the end', false)
  .option('--fake', 'show the control plane alone, with kubelets on an in-memory runtime; needs no root', false)
  .option('--name <name>', 'name of the cluster', 'demo');

async function realDemo(list: Checklist, { name, keep }: DemoOptions): Promise<void> {
  const cluster = openCluster(name);
  await cluster.down({ purge: true });
  try {
    const up = await list.check({
      title: 'cluster up: etcd, control plane, two nodes with containerd and flannel',
      run: async () => {
        await cluster.up({ nodes: 2, report: 'auto', nodeMonitorGracePeriod: '12s', nodeLeaseRenewInterval: '3s' });
        return undefined;
      },
    });
    if (up) await show(list, openWorld(cluster));
  } finally {
    if (!keep) await list.check({ title: 'cluster down --purge: nothing is left on the machine', run: () => cluster.down({ purge: true }).then(() => undefined) });
  }
}

async function show(list: Checklist, world: World): Promise<void> {
  const all = [
    checks.applyExamples,
    checks.placement,
    checks.sharedVolume,
    checks.memoryLimit,
    checks.cpuLimit,
    checks.crashHeals,
    checks.acrossNodes,
    checks.killAndRestart,
    checks.thirdNode,
    checks.lostNode,
    checks.badInput,
    checks.missingImage,
    checks.deleteAll,
  ];
  try {
    for (const check of all) await list.check(check(world));
  } finally {
    await world.client.close();
  }
}

function howToGoOn(name: string): string {
  const kubeconfig = openCluster(name).kubeconfigPath;
  return [
    '',
    'The cluster is still up. Three things to try:',
    `  export KUBECONFIG=${kubeconfig}`,
    '  bin/kubectl apply -f examples/web.yaml && bin/kubectl get pods -o wide -w',
    `  npm run cluster -- down --purge --name ${name}`,
    '',
  ].join('\n');
}

async function main(): Promise<void> {
  const options = program.parse().opts<DemoOptions>();
  if (!options.fake && process.getuid?.() !== 0) {
    process.stderr.write('The demo makes network namespaces and starts containers, so it needs root.\nWithout root: npm run demo -- --fake shows the control plane alone.\n');
    process.exitCode = 1;
    return;
  }
  const startedAt = performance.now();
  const list = new Checklist();
  if (options.fake) await fakeDemo(list);
  else await realDemo(list, options);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  const verdict = list.failed === 0 ? styleText('green', 'all of it works') : styleText('red', `${list.failed} of ${list.results.length} failed`);
  process.stdout.write(`\n${list.results.length} checks in ${seconds} s: ${verdict}\n`);
  if (options.keep && !options.fake) process.stdout.write(howToGoOn(options.name));
  process.exitCode = list.failed === 0 ? 0 : 1;
}

await main();
