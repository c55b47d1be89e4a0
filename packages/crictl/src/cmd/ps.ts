import type { Container, CriConnection } from '@podling/cri/v1';
import { listContainers, podNamespaceOf, podNameOf, queryFlags, stateName } from '../listing/containers.ts';
import type { ContainerQuery } from '../listing/containers.ts';
import { imageStatus } from '../listing/images.ts';
import { printMessage, unsupported } from '../output/document.ts';
import { lines, mapLines } from '../output/lines.ts';
import { table } from '../output/table.ts';
import { ago, shortId } from '../output/units.ts';
import { doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

interface Options extends ContainerQuery {
  output: string;
  quiet?: boolean;
  verbose?: boolean;
  trunc: boolean;
  resolveImagePath?: boolean;
}

const header = ['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'];

export const verb: Verb = {
  flags: (command) =>
    queryFlags(command)
      .option('-a, --all', 'all, not only those that run')
      .option('--id <id>', 'filter by container id')
      .option('--namespace <pattern>', 'filter by pod namespace, a regular expression')
      .option('--no-trunc', 'ids in full')
      .option('-o, --output <format>', 'json, yaml or table', 'table')
      .option('-q, --quiet', 'only ids')
      .option('-r, --resolve-image-path', "the image's name in place of its id")
      .option('-s, --state <state>', 'filter by state: created, running, exited, unknown')
      .option('-v, --verbose', 'all about each'),
  run: (session, _words, options: Options) => doing('listing containers', () => ps(session, options)),
};

async function ps(session: Session, options: Options): Promise<void> {
  const cri = await session.cri();
  const containers = await listContainers(cri, options);
  const { output } = options;
  if (output === 'json' || output === 'yaml') return session.out(await printMessage('ListContainersResponse', { containers }, output));
  if (output !== 'table') throw unsupported(output);
  if (options.quiet === true) return session.out(containers.map(({ id }) => `${id}\n`).join(''));
  const nowMs = session.io.clock.now();
  if (options.verbose === true) return session.out(containers.map((container) => details(container, nowMs)).join(''));
  const images = await imageNames(cri, containers, options);
  session.out(table([header, ...containers.map((container) => row(container, images.get(container.image?.image ?? '') ?? '', options, nowMs))]));
}

function row({ id, podSandboxId, metadata, state, createdAt, labels }: Container, image: string, { trunc }: Options, nowMs: number): string[] {
  const shown = trunc ? shortId : (whole: string): string => whole;
  return [shown(id), image, ago(createdAt, nowMs), stateName(state), metadata?.name ?? '', String(metadata?.attempt ?? 0), shown(podSandboxId), podNameOf(labels), podNamespaceOf(labels)];
}

async function imageNames(cri: CriConnection, containers: readonly Container[], { trunc, resolveImagePath = false }: Options): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const image of new Set(containers.map((container) => container.image?.image ?? ''))) {
    const tag = resolveImagePath ? (await imageStatus(cri, image)).image?.repoTags[0] : undefined;
    names.set(image, tag ?? (trunc && image.startsWith('sha256:') ? shortId(image) : image));
  }
  return names;
}

function details({ id, podSandboxId, metadata, state, image, createdAt, labels, annotations }: Container, nowMs: number): string {
  const head = lines([
    ['ID', id], ['PodID', podSandboxId], ['Namespace', podNamespaceOf(labels)], ['Name', metadata?.name || undefined], ['Attempt', String(metadata?.attempt ?? 0)],
    ['State', stateName(state)], ['Image', image?.image], ['Created', ago(createdAt, nowMs)],
  ]);
  return `${head}${mapLines('Labels', labels)}${mapLines('Annotations', annotations)}\n`;
}
