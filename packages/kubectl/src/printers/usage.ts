import { parseQuantity, quantityToMilli } from '@podling/shared/api';
import type { ContainerMetrics, NodeMetrics, PodMetrics } from '@podling/shared/api';
import { sanitizeCell } from '@podling/shared/sanitize';

/** Resource → amount in nano-units. */
type Amounts = Readonly<Record<Resource, bigint>>;

export type Resource = 'cpu' | 'memory';

export interface UsageOptions {
  headers: boolean;
  /** Most first; else by name. */
  sortBy?: Resource | undefined;
}

export interface PodUsageOptions extends UsageOptions {
  withNamespace: boolean;
  /** A row for each container instead of each pod. */
  containers: boolean;
  /** A last row with what all use together. */
  sum: boolean;
}

const unknown = '<unknown>';
const line = '________';
const nothing: Amounts = { cpu: 0n, memory: 0n };
const bytesPerMebibyte = 1n << 20n;
const nanosPerByte = 1_000_000_000n;

const amountsOf = (usage: Readonly<Record<string, string>>): Amounts => ({ cpu: parseQuantity(usage['cpu'] ?? '0'), memory: parseQuantity(usage['memory'] ?? '0') });
const add = (a: Amounts, b: Amounts): Amounts => ({ cpu: a.cpu + b.cpu, memory: a.memory + b.memory });
const total = (containers: readonly ContainerMetrics[]): Amounts => containers.reduce((sum, { usage }) => add(sum, amountsOf(usage)), nothing);

const roundUp = (amount: bigint, unit: bigint): bigint => (amount + unit - 1n) / unit;
const cpuText = ({ cpu }: Amounts): string => `${roundUp(cpu, 1_000_000n)}m`;
const memoryText = ({ memory }: Amounts): string => `${roundUp(memory, nanosPerByte) / bytesPerMebibyte}Mi`;

function percent(used: string, available: string | undefined): string {
  if (available === undefined) return unknown;
  const all = Number(quantityToMilli(available));
  return `${all === 0 ? 0 : Math.trunc((Number(quantityToMilli(used)) / all) * 100)}%`;
}

/** Sorted as asked; what looks the same stays in the order of names. */
function sorted<T>(items: readonly T[], { sortBy }: UsageOptions, of: (item: T) => { key: string; amounts: Amounts }): T[] {
  const units: Amounts = { cpu: 1_000_000n, memory: nanosPerByte };
  const keyed = items.map((item) => ({ item, ...of(item) })).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  if (sortBy === undefined) return keyed.map(({ item }) => item);
  const rank = ({ amounts }: { amounts: Amounts }): bigint => roundUp(amounts[sortBy], units[sortBy]);
  return keyed.toSorted((a, b) => Number(rank(b) - rank(a))).map(({ item }) => item);
}

function nodeRow({ metadata, usage }: NodeMetrics, available: Readonly<Record<string, string>> = {}): string[] {
  const amounts = amountsOf(usage);
  const { cpu = '0', memory = '0' } = usage;
  return [sanitizeCell(metadata.name), cpuText(amounts), percent(cpu, available['cpu']), memoryText(amounts), percent(memory, available['memory'])];
}

/** `available` is what each node has to give, by its name: one without figures is shown as unknown. */
export function nodeUsageRows(metrics: readonly NodeMetrics[], available: ReadonlyMap<string, Readonly<Record<string, string>>>, options: UsageOptions): string[][] {
  const measured = new Set(metrics.map(({ metadata }) => metadata.name));
  const others = [...available.keys()].filter((name) => !measured.has(name)).toSorted();
  return [
    ...(options.headers ? [['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)']] : []),
    ...sorted(metrics, options, ({ metadata, usage }) => ({ key: metadata.name, amounts: amountsOf(usage) })).map((one) => nodeRow(one, available.get(one.metadata.name))),
    ...others.map((name) => [sanitizeCell(name), unknown, unknown, unknown, unknown]),
  ];
}

function podRows({ metadata, containers }: PodMetrics, options: PodUsageOptions): string[][] {
  const place = options.withNamespace ? [sanitizeCell(metadata.namespace ?? '')] : [];
  const row = (names: readonly string[], amounts: Amounts): string[] => [...place, ...names.map(sanitizeCell), cpuText(amounts), memoryText(amounts)];
  if (!options.containers) return [row([metadata.name], total(containers))];
  return sorted(containers, options, ({ name, usage }) => ({ key: name, amounts: amountsOf(usage) })).map(({ name, usage }) => row([metadata.name, name], amountsOf(usage)));
}

export function podUsageRows(metrics: readonly PodMetrics[], options: PodUsageOptions): string[][] {
  const { withNamespace, containers, headers, sum } = options;
  const before = [...(withNamespace ? ['NAMESPACE'] : []), ...(containers ? ['POD'] : [])];
  const blank = ['', ...before.map(() => '')];
  const all = metrics.reduce((amounts, pod) => add(amounts, total(pod.containers)), nothing);
  const key = ({ metadata }: PodMetrics): string => (withNamespace ? `${metadata.namespace}\0${metadata.name}` : metadata.name);
  return [
    ...(headers ? [[...before, 'NAME', 'CPU(cores)', 'MEMORY(bytes)']] : []),
    ...sorted(metrics, options, (pod) => ({ key: key(pod), amounts: total(pod.containers) })).flatMap((pod) => podRows(pod, options)),
    ...(sum ? [[...blank, line, line], [...blank, cpuText(all), memoryText(all)]] : []),
  ];
}
