import type { CriConnection } from '@podling/cri/v1';
import { imageStatus } from '../listing/images.ts';
import { all as allOf, CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

interface Options {
  all?: boolean;
  prune?: boolean;
}

export const verb: Verb = {
  usage: 'IMAGE-ID [IMAGE-ID...]',
  description: 'Remove one or more images by ID or reference.\n\nCRI knows an image with all its tags: one that is named by a tag goes with the others. `crictl image tag --remove` takes one tag away.',
  flags: (command) => {
    command.option('-a, --all', 'all images').option('-q, --prune', 'all that no container uses, but for pinned ones');
  },
  run: async (session, words, { all = false, prune = false }: Options) => {
    const cri = await session.cri();
    const ids = new Set([...words, ...(all || prune ? await allImages(cri, prune) : [])]);
    if (prune) for (const id of await usedImages(session, cri)) ids.delete(id);
    if (ids.size === 0 && (all || prune)) return session.say('info', 'No images to remove');
    if (ids.size === 0) throw new CommandError('ID cannot be empty');
    await allOf([...ids].map((id) => () => remove(session, cri, id, prune)));
  },
};

async function allImages(cri: CriConnection, prune: boolean): Promise<string[]> {
  const { images } = await cri.image('ListImages', { filter: null });
  return images.filter(({ pinned }) => !(prune && pinned)).map(({ id }) => id);
}

async function usedImages(session: Session, cri: CriConnection): Promise<string[]> {
  const { containers } = await cri.runtime('ListContainers', { filter: null });
  const names = new Set(containers.map(({ image }) => image?.image ?? ''));
  const ids = await Promise.all([...names].map(async (name) => {
    const { image } = await doing(`image status request for ${JSON.stringify(name)} failed`, () => imageStatus(cri, name));
    return image?.id ?? name;
  }));
  session.say('debug', `images in use: ${ids.join(', ')}`);
  return ids;
}

async function remove(session: Session, cri: CriConnection, id: string, prune: boolean): Promise<void> {
  const { image } = await doing(`image status request for ${JSON.stringify(id)} failed`, () => imageStatus(cri, id));
  if (image === null) throw new CommandError(`no such image ${id}`);
  const { repoTags, repoDigests } = image;
  if (repoTags.length > 1 && !id.startsWith('sha256:') && /[:/]/.test(id)) session.say('warning', `Image ${JSON.stringify(id)} has multiple tags. Removing this image will delete all of the following tags: ${repoTags.join(', ')}`);
  try {
    await doing(`error of removing image ${JSON.stringify(id)}`, () => cri.image('RemoveImage', { image: { image: id } }));
  } catch (error) {
    // Somebody has begun to use it, or has removed it.
    if (prune) return;
    throw error;
  }
  for (const name of repoTags.length > 0 ? repoTags : repoDigests) session.out(`Deleted: ${name}\n`);
}
