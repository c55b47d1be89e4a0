import type { LinuxContainerResources, Sent } from '@podling/cri/v1';
import { wholeNumber } from '../listing/filters.ts';
import { CommandError, doing } from '../report.ts';
import type { Verb } from '../verb.ts';

interface Options {
  cpuPeriod?: string;
  cpuQuota?: string;
  cpuShare?: string;
  cpusetCpus?: string;
  cpusetMems?: string;
  memory?: string;
  oomScoreAdj?: string;
}

export const verb: Verb = {
  usage: 'CONTAINER-ID [CONTAINER-ID...]',
  flags: (command) => {
    command
      .option('--cpu-period <microseconds>', 'period of the CPU limit')
      .option('--cpu-quota <microseconds>', 'CPU time in a period')
      .option('--cpu-share <n>', 'share of the CPU against others')
      .option('--cpuset-cpus <list>', 'CPUs to use')
      .option('--cpuset-mems <list>', 'memory nodes to use')
      .option('--memory <bytes>', 'memory limit')
      .option('--oom-score-adj <n>', 'how soon it is killed when memory runs out');
  },
  run: async (session, words, options: Options) => {
    if (words.length === 0) throw new CommandError('ID cannot be empty');
    const linux = resources(options);
    const cri = await session.cri();
    for (const containerId of words) {
      await doing(`updating container resources for ${JSON.stringify(containerId)}`, () => cri.runtime('UpdateContainerResources', { containerId, linux }));
      session.out(`${containerId}\n`);
    }
  },
};

function resources({ cpuPeriod, cpuQuota, cpuShare, memory, oomScoreAdj, cpusetCpus = '', cpusetMems = '' }: Options): Sent<LinuxContainerResources> {
  const number = (text: string | undefined, flag: string): string => String(text === undefined ? 0 : wholeNumber(text, flag));
  return {
    cpuPeriod: number(cpuPeriod, 'cpu-period'), cpuQuota: number(cpuQuota, 'cpu-quota'), cpuShares: number(cpuShare, 'cpu-share'),
    memoryLimitInBytes: number(memory, 'memory'), oomScoreAdj: number(oomScoreAdj, 'oom-score-adj'), cpusetCpus, cpusetMems,
  };
}
