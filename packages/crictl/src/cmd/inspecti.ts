import { orderFields } from '@podling/cri/v1';
import type { Image } from '@podling/cri/v1';
import { listed } from '../listing/filters.ts';
import { imageStatus, listImages } from '../listing/images.ts';
import { printStatuses } from '../output/document.ts';
import { goMap, lines } from '../output/lines.ts';
import { humanSize } from '../output/units.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

interface Options {
  filter?: string[];
  name?: string;
  output: string;
  quiet?: boolean;
}

export const verb: Verb = {
  usage: 'IMAGE-ID [IMAGE-ID...]',
  flags: (command) => {
    command
      .option('-f, --filter <condition>', 'as for images', listed)
      .option('--name <reference>', 'filter by image name')
      .option('-o, --output <format>', 'json, yaml or table', 'json')
      .option('-q, --quiet', 'without what the runtime says beyond CRI');
  },
  run: inspecti,
};

async function inspecti(session: Session, words: string[], options: Options): Promise<void> {
  const cri = await session.cri();
  const ids = words.length > 0 ? words : (await doing('listing images', () => listImages(cri, options.name, options.filter))).map(({ id }) => id);
  if (ids.length === 0) throw new CommandError('No IDs provided or nothing found per filter');
  const verbose = options.quiet !== true;
  const answers: { image: Image; info: Record<string, string> }[] = [];
  for (const id of ids) {
    const { image, info } = await doing(`image status for ${JSON.stringify(id)} request`, () => imageStatus(cri, id, verbose));
    if (image === null) throw new CommandError(`no such image ${JSON.stringify(id)} present`);
    answers.push({ image, info });
  }
  if (options.output === 'table') return session.out(answers.map((answer) => details(answer, verbose)).join(''));
  session.out(await printStatuses(answers.map(({ image, info }) => ({ status: orderFields('Image', image), info })), options.output));
}

function details({ image, info }: { image: Image; info: Record<string, string> }, verbose: boolean): string {
  const names = [...image.repoTags.map((tag) => ['Tag', tag] as const), ...image.repoDigests.map((digest) => ['Digest', digest] as const)];
  return lines([['ID', image.id], ...names, ['Size', humanSize(Number(image.size), 3)], ['Info', verbose ? goMap(info) : undefined]]);
}
