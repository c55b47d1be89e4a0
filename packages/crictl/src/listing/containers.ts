import type { Command } from 'commander';
import type { Container, ContainerState, CriConnection } from '@podling/cri/v1';
import { CommandError } from '../report.ts';
import { fits, listed, newest, parsePairs } from './filters.ts';
import type { Newest } from './filters.ts';
import { imageStatus } from './images.ts';

export interface ContainerQuery extends Newest {
  id?: string;
  name?: string;
  namespace?: string;
  pod?: string;
  image?: string;
  state?: string;
  label?: string[];
  all?: boolean;
}

const states: Record<string, ContainerState> = { created: 'CONTAINER_CREATED', running: 'CONTAINER_RUNNING', exited: 'CONTAINER_EXITED', unknown: 'CONTAINER_UNKNOWN' };

/** In the words of the command line. */
export const containerStates = Object.keys(states);

/** The flags of {@link ContainerQuery} that every command with containers has. */
export function queryFlags(command: Command): Command {
  return command
    .option('--image <reference>', 'filter by container image')
    .option('--label <key=value>', 'filter by label', listed)
    .option('-n, --last <n>', 'the last n that were made, in any state; 0 for all')
    .option('-l, --latest', 'the one that was made last, in any state')
    .option('--name <pattern>', 'filter by container name, a regular expression')
    .option('-p, --pod <id>', 'filter by pod id');
}

/** Without `all`, `state` or a number wanted: those that run. */
export async function listContainers(cri: CriConnection, query: ContainerQuery): Promise<Container[]> {
  const state = stateOf(query);
  const { containers } = await cri.runtime('ListContainers', {
    filter: { id: query.id ?? '', podSandboxId: query.pod ?? '', labelSelector: parsePairs(query.label), ...(state === undefined ? {} : { state: { state } }) },
  });
  const fitting = containers.filter(({ metadata, labels }) => metadata !== null && fits(query.name, metadata.name) && fits(query.namespace, podNamespaceOf(labels)));
  return newest(await ofImage(cri, fitting, query.image), query);
}

/** `Running`. */
export function stateName(state: string): string {
  const name = Object.keys(states).find((one) => states[one] === state) ?? state;
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}

export function podNameOf(labels: Record<string, string>): string {
  return labels['io.kubernetes.pod.name'] ?? 'unknown';
}

export function podNamespaceOf(labels: Record<string, string>): string {
  return labels['io.kubernetes.pod.namespace'] ?? 'unknown';
}

function stateOf({ all = false, state, latest = false, last }: ContainerQuery): ContainerState | undefined {
  const known = state === undefined ? undefined : states[state.toLowerCase()];
  if (state !== undefined && known === undefined) throw new CommandError('--state should be one of created, running, exited or unknown');
  if (latest || Number(last ?? 0) > 0) return undefined;
  return known ?? (all ? undefined : 'CONTAINER_RUNNING');
}

async function ofImage(cri: CriConnection, containers: readonly Container[], reference: string | undefined): Promise<Container[]> {
  if (reference === undefined || reference === '') return [...containers];
  const wanted = (await imageStatus(cri, reference)).image?.id;
  if (wanted === undefined) return [];
  const ids = new Map<string, string | undefined>();
  for (const name of new Set(containers.map(({ image }) => image?.image ?? ''))) ids.set(name, (await imageStatus(cri, name)).image?.id);
  return containers.filter(({ image }) => ids.get(image?.image ?? '') === wanted);
}
