import type { KubeList, KubeObject } from '@podling/shared/api';
import type { Command } from 'commander';
import { CommandError } from '../../errors.ts';
import type { Factory } from '../../factory.ts';
import { ColumnPrinter } from '../../printers/columns.ts';
import type { Resource } from '../../printers/usage.ts';

export interface TopOptions {
  selector?: string;
  sortBy?: string;
  headers: boolean;
}

interface GroupList {
  groups: { name: string; versions: { version: string }[] }[];
}

const GROUP = 'metrics.k8s.io';
const VERSION = 'v1beta1';

export function topFlags(command: Command): void {
  command
    .option('-l, --selector <selector>', 'label selector')
    .option('--sort-by <resource>', 'most first: cpu or memory')
    .option('--no-headers', 'do not print headers');
}

export function sortOf({ sortBy }: TopOptions): Resource | undefined {
  if (sortBy === undefined || sortBy === '') return undefined;
  if (sortBy !== 'cpu' && sortBy !== 'memory') throw new CommandError('--sort-by accepts only cpu or memory');
  return sortBy;
}

/** Asks for one object by `name`, or for all that `query` selects. `place` is the path below the group: `namespaces/default/pods`. */
export async function askMetrics<T extends KubeObject>(factory: Factory, place: string, { name, query = {} }: { name: string | undefined; query?: Record<string, string | undefined> }): Promise<T[]> {
  const rest = await factory.client();
  const { groups } = await rest.request<GroupList>({ path: '/apis' });
  const isServed = groups.some((group) => group.name === GROUP && group.versions.some(({ version }) => version === VERSION));
  if (!isServed) throw new CommandError('Metrics API not available');
  const path = `/apis/${GROUP}/${VERSION}/${place}`;
  if (name !== undefined) return [await rest.request<T>({ path: `${path}/${encodeURIComponent(name)}` })];
  return (await rest.request<KubeList<T>>({ path, query })).items;
}

/** Three spaces behind the last column too, and no column narrower than three: as kubectl prints usage. */
export function printUsage({ io }: Factory, rows: readonly (readonly string[])[]): void {
  const padded = rows.map((row) => [...row.map((cell) => cell.padEnd(3)), '']);
  io.out(new ColumnPrinter({ terminalColumns: io.terminal?.columns }).print(padded));
}
