import type { TaskMetrics } from '@podling/cri/containerd-tools';
import { unsupported } from '../output/document.ts';
import { table } from '../output/table.ts';
import { CommandError, doing } from '../report.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'CONTAINER-ID',
  flags: (command) => void command.option('-o, --output <format>', 'table or json', 'table'),
  run: async (session, words, { output }: { output: string }) => {
    const [id, ...more] = words;
    if (id === undefined || more.length > 0) throw new CommandError('one CONTAINER-ID is wanted');
    if (!['table', 'json'].includes(output)) throw unsupported(output);
    const containerId = await doing(`metrics of ${JSON.stringify(id)}`, () => session.containerId(id));
    const figures = figuresOf(await doing(`metrics of ${JSON.stringify(id)}`, async () => (await session.tools()).metrics(containerId)));
    if (output === 'json') return session.out(`${JSON.stringify({ id: containerId, ...Object.fromEntries(figures) }, null, 2)}\n`);
    session.out(table([['METRIC', 'VALUE'], ['id', containerId], ...figures.map(([name, value]) => [name, value ?? 'max'])]));
  },
};

/** Bytes, nanoseconds and counts in full, as text: some are larger than JSON's numbers. null: no limit, or not counted. */
function figuresOf(metrics: TaskMetrics): [name: string, value: string | null][] {
  const text = (value: number | bigint | undefined): string | null => (value === undefined ? null : String(value));
  return [
    ['cpu.usage_ns', text(metrics.cpuNanoseconds)], ['cpu.user_ns', text(metrics.cpuUserNanoseconds)], ['cpu.system_ns', text(metrics.cpuSystemNanoseconds)],
    ['cpu.periods', text(metrics.cpuPeriods)], ['cpu.throttled_periods', text(metrics.cpuThrottledPeriods)], ['cpu.throttled_ns', text(metrics.cpuThrottledNanoseconds)],
    ['memory.usage_bytes', text(metrics.memoryUsageBytes)], ['memory.limit_bytes', text(metrics.memoryLimitBytes)], ['memory.cache_bytes', text(metrics.memoryCacheBytes)],
    ['memory.rss_bytes', text(metrics.memoryRssBytes)], ['memory.inactive_file_bytes', text(metrics.memoryInactiveFileBytes)], ['memory.swap_bytes', text(metrics.swapUsageBytes)],
    ['pids.current', text(metrics.pids)], ['pids.limit', text(metrics.pidsLimit)],
  ];
}
