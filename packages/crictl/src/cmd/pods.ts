import type { PodSandbox } from '@podling/cri/v1';
import { handlerName, listSandboxes, sandboxFlags, sandboxStateName } from '../listing/sandboxes.ts';
import type { SandboxQuery } from '../listing/sandboxes.ts';
import { printMessage, unsupported } from '../output/document.ts';
import { lines, mapLines } from '../output/lines.ts';
import { table } from '../output/table.ts';
import { ago, plainTime, shortId } from '../output/units.ts';
import { doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

interface Options extends SandboxQuery {
  output: string;
  quiet?: boolean;
  verbose?: boolean;
  trunc: boolean;
}

const header = ['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'];

export const verb: Verb = {
  flags: (command) =>
    sandboxFlags(command)
      .option('--id <id>', 'filter by pod id')
      .option('--no-trunc', 'ids in full')
      .option('-o, --output <format>', 'json, yaml or table', 'table')
      .option('-q, --quiet', 'only ids')
      .option('-v, --verbose', 'all about each'),
  run: (session, _words, options: Options) => doing('listing pod sandboxes', () => pods(session, options)),
};

async function pods(session: Session, options: Options): Promise<void> {
  const items = await listSandboxes(await session.cri(), options);
  const { output } = options;
  if (output === 'json' || output === 'yaml') return session.out(await printMessage('ListPodSandboxResponse', { items }, output));
  if (output !== 'table') throw unsupported(output);
  if (options.quiet === true) return session.out(items.map(({ id }) => `${id}\n`).join(''));
  if (options.verbose === true) return session.out(items.map(details).join(''));
  const nowMs = session.io.clock.now();
  session.out(table([header, ...items.map((pod) => row(pod, options, nowMs))]));
}

function row(pod: PodSandbox, { trunc }: Options, nowMs: number): string[] {
  const { id, createdAt, state, metadata } = pod;
  return [trunc ? shortId(id) : id, ago(createdAt, nowMs), sandboxStateName(state), metadata?.name ?? '', metadata?.namespace ?? '', String(metadata?.attempt ?? 0), handlerName(pod)];
}

function details(pod: PodSandbox): string {
  const { id, metadata, state, createdAt, labels, annotations } = pod;
  const head = lines([
    ['ID', id], ['Name', metadata?.name || undefined], ['UID', metadata?.uid || undefined], ['Namespace', metadata?.namespace || undefined],
    ['Attempt', metadata?.attempt ? String(metadata.attempt) : undefined], ['Status', sandboxStateName(state)], ['Created', plainTime(createdAt)],
  ]);
  return `${head}${mapLines('Labels', labels)}${mapLines('Annotations', annotations)}${lines([['Runtime', handlerName(pod)]])}\n`;
}
