import type { Command } from 'commander';
import type { CriConnection, PodSandbox, PodSandboxState } from '@podling/cri/v1';
import { CommandError } from '../report.ts';
import { fits, listed, newest, parsePairs } from './filters.ts';
import type { Newest } from './filters.ts';

export interface SandboxQuery extends Newest {
  id?: string;
  name?: string;
  namespace?: string;
  state?: string;
  label?: string[];
}

const states: Record<string, PodSandboxState> = { ready: 'SANDBOX_READY', notready: 'SANDBOX_NOTREADY' };

/** In the words of the command line. */
export const sandboxStates = Object.keys(states);

export function sandboxFlags(command: Command): Command {
  return command
    .option('--label <key=value>', 'filter by label', listed)
    .option('-n, --last <n>', 'the last n that were made; 0 for all')
    .option('-l, --latest', 'the one that was made last')
    .option('--name <pattern>', 'filter by pod name, a regular expression')
    .option('--namespace <pattern>', 'filter by pod namespace, a regular expression')
    .option('-s, --state <state>', 'filter by pod state: ready, notready');
}

export async function listSandboxes(cri: CriConnection, query: SandboxQuery): Promise<PodSandbox[]> {
  const state = query.state === undefined ? undefined : states[query.state.toLowerCase()];
  if (query.state !== undefined && state === undefined) throw new CommandError('--state should be ready or notready');
  const { items } = await cri.runtime('ListPodSandbox', {
    filter: { id: query.id ?? '', labelSelector: parsePairs(query.label), ...(state === undefined ? {} : { state: { state } }) },
  });
  return newest(items.filter(({ metadata }) => metadata !== null && fits(query.name, metadata.name) && fits(query.namespace, metadata.namespace)), query);
}

/** `NotReady`. */
export function sandboxStateName(state: string): string {
  return state === 'SANDBOX_READY' ? 'Ready' : 'NotReady';
}

/** The handler that it was made with. */
export function handlerName({ runtimeHandler }: PodSandbox): string {
  return runtimeHandler === '' ? '(default)' : runtimeHandler;
}
