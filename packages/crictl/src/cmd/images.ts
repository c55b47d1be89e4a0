import type { Image } from '@podling/cri/v1';
import type { Command } from 'commander';
import { listed } from '../listing/filters.ts';
import { digestOf, listImages, tagsOf } from '../listing/images.ts';
import { printMessage, unsupported } from '../output/document.ts';
import { lines } from '../output/lines.ts';
import { table } from '../output/table.ts';
import { humanSize, shortId } from '../output/units.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

interface Options {
  filter?: string[];
  output?: string;
  digests?: boolean;
  trunc: boolean;
  pinned?: boolean;
  quiet?: boolean;
  verbose?: boolean;
}

export const verb: Verb = {
  usage: '[REPOSITORY[:TAG]]',
  flags: imageListFlags,
  run: listImagesVerb,
};

export function imageListFlags(command: Command): void {
  command
    .option('--digests', 'show digests')
    .option('-f, --filter <condition>', 'dangling=true|false, reference=REGULAR-EXPRESSION, before=IMAGE, since=IMAGE; several hold together', listed)
    .option('--no-trunc', 'ids in full')
    .option('-o, --output <format>', 'json, yaml or table')
    .option('--pinned', 'show whether an image is pinned')
    .option('-q, --quiet', 'only ids')
    .option('-v, --verbose', 'all about each');
}

export async function listImagesVerb(session: Session, words: string[], options: Options): Promise<void> {
  if (words.length > 1) throw new CommandError('one image is named at most');
  const images = await doing('listing images', async () => listImages(await session.cri(), words[0], options.filter));
  session.out(await shown(images, options));
}

async function shown(images: readonly Image[], options: Options): Promise<string> {
  const { output = 'table' } = options;
  if (output === 'json' || output === 'yaml') return printMessage('ListImagesResponse', { images }, output);
  if (output !== 'table') throw unsupported(output);
  if (options.quiet === true) return images.map(({ id }) => `${id}\n`).join('');
  if (options.verbose === true) return images.map(details).join('');
  const header = ['IMAGE', 'TAG', ...(options.digests === true ? ['DIGEST'] : []), 'IMAGE ID', 'SIZE', ...(options.pinned === true ? ['PINNED'] : [])];
  return table([header, ...images.flatMap((image) => rows(image, options))]);
}

function rows(image: Image, { digests = false, pinned = false, trunc }: Options): string[][] {
  const id = trunc ? shortId(image.id) : image.id;
  const digest = trunc ? shortId(digestOf(image)[1]) : digestOf(image)[1];
  return tagsOf(image).map(([name, tag]) => [name, tag, ...(digests ? [digest] : []), id, humanSize(Number(image.size), 3), ...(pinned ? [String(image.pinned)] : [])]);
}

function details({ id, repoTags, repoDigests, size, uid, username, pinned }: Image): string {
  const names = [...repoTags.map((tag) => ['RepoTags', tag] as const), ...repoDigests.map((digest) => ['RepoDigests', digest] as const)];
  return `${lines([
    ['ID', id], ...names, ['Size', size === '0' ? undefined : size], ['Uid', uid === null ? undefined : `value:${uid.value}`], ['Username', username || undefined], ['Pinned', pinned ? 'true' : undefined],
  ])}\n`;
}
