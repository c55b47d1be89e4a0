import { orderFields } from '@podling/cri/v1';
import type { CriConnection, Image } from '@podling/cri/v1';
import { listed } from '../listing/filters.ts';
import { imageStatus, listImages } from '../listing/images.ts';
import { goMap, lines } from '../output/lines.ts';
import { humanSize } from '../output/units.ts';
import { CommandError, doing } from '../report.ts';
import type { Verb } from '../verb.ts';
import { inspectAll, outputFlag, quietFlag } from './inspect-flow.ts';
import type { InspectOptions } from './inspect-flow.ts';

interface Options extends InspectOptions {
  filter?: string[];
  name?: string;
}

interface Answer {
  image: Image;
  info: Record<string, string>;
}

export const verb: Verb = {
  usage: 'IMAGE-ID [IMAGE-ID...]',
  flags: (command) => {
    command.option('-f, --filter <condition>', 'as for images', listed).option('--name <reference>', 'filter by image name');
    quietFlag(outputFlag(command));
  },
  run: (session, words, options: Options) =>
    inspectAll(session, words, options, {
      listing: 'images',
      list: (cri) => listImages(cri, options.name, options.filter),
      ask: askImage,
      document: ({ image }) => orderFields('Image', image),
      details,
    }),
};

async function askImage(cri: CriConnection, id: string, verbose: boolean): Promise<Answer> {
  const { image, info } = await doing(`image status for ${JSON.stringify(id)} request`, () => imageStatus(cri, id, verbose));
  if (image === null) throw new CommandError(`no such image ${JSON.stringify(id)} present`);
  return { image, info };
}

function details({ image, info }: Answer, verbose: boolean): string {
  const names = [...image.repoTags.map((tag) => ['Tag', tag] as const), ...image.repoDigests.map((digest) => ['Digest', digest] as const)];
  return lines([['ID', image.id], ...names, ['Size', humanSize(Number(image.size), 3)], ['Info', verbose ? goMap(info) : undefined]]);
}
