import type { CriConnection, Image } from '@podling/cri/v1';
import { CommandError } from '../report.ts';

const NONE = '<none>';

/** In the order of their names. */
export async function listImages(cri: CriConnection, name = '', filters: readonly string[] = []): Promise<Image[]> {
  const { images } = await cri.image('ListImages', { filter: { image: { image: name } } });
  const sorted = images.toSorted((one, other) => compareLists(one.repoTags, other.repoTags) || compareLists(one.repoDigests, other.repoDigests) || compare(one.id, other.id));
  return filters.reduce(filtered, sorted);
}

export async function imageStatus(cri: CriConnection, image: string, verbose = false): Promise<{ image: Image | null; info: Record<string, string> }> {
  return cri.image('ImageStatus', { image: { image }, verbose });
}

/** Names with tags; one without any is still told by its digest's. */
export function tagsOf({ repoTags, repoDigests }: Image): [name: string, tag: string][] {
  const [name] = digestOf({ repoDigests });
  if (repoTags.length === 0) return [[name, NONE]];
  return repoTags.map((reference) => {
    const at = reference.lastIndexOf(':');
    return [reference.slice(0, at), reference.slice(at + 1)];
  });
}

export function digestOf({ repoDigests }: Pick<Image, 'repoDigests'>): [name: string, digest: string] {
  const [name, digest] = (repoDigests[0] ?? '').split('@');
  return name === undefined || digest === undefined ? [NONE, NONE] : [name, digest];
}

function filtered(images: Image[], filter: string): Image[] {
  const [, kind, value = ''] = /^(before|since|dangling|reference)=(.*)$/s.exec(filter) ?? [];
  if (kind === 'dangling') return images.filter(({ repoTags }) => (value === 'true' && repoTags.length === 0) || (value === 'false' && repoTags.length > 0));
  if (kind === 'reference') return byReference(images, value);
  if (kind === 'since') return until(images, value);
  if (kind === 'before') return until(images.toReversed(), value).toReversed();
  throw new CommandError(`filter images: unknown filter flag: ${filter}`);
}

function byReference(images: readonly Image[], value: string): Image[] {
  try {
    const pattern = new RegExp(value);
    return images.filter((image) => pattern.test(digestOf(image)[0]) || image.repoTags.some((tag) => pattern.test(tag)));
  } catch (cause) {
    throw new CommandError(`filter images: ${(cause as Error).message}`, { cause });
  }
}

/** Those in front of the one that is named. */
function until(images: readonly Image[], name: string): Image[] {
  const at = images.findIndex((image) => isNamed(image, name));
  return at < 0 ? [...images] : images.slice(0, at);
}

function isNamed(image: Image, name: string): boolean {
  if (name.includes('@')) return image.repoDigests.some((digest) => digest.startsWith(name));
  return name.includes(':') ? image.repoTags.includes(name) || image.id === name : image.id.replace('sha256:', '').startsWith(name);
}

function compareLists(one: readonly string[], other: readonly string[]): number {
  const length = Math.max(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    const order = compare(one[index] ?? '', other[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
