import { createHash } from 'node:crypto';
import { CriError } from '../cri.ts';
import type { Image, ImageService, PullOptions } from '../cri.ts';
import { imageRepository, normalizeImageReference } from '../image-reference.ts';
import { ignoreNotFound, unlessNotFound } from '../not-found.ts';
import type { ContainerdClient } from './containerd-client.ts';
import type { ContainerdImage, Descriptor } from './containerd-types.ts';
import { imageConfig, imageUser } from './image-config.ts';
import type { ImageConfig, ImageProcess } from './image-config.ts';
import { ImageContent } from './image-content.ts';
import { lastMessage } from './nerdctl-cli.ts';
import type { Pulls } from './pulls.ts';

export interface ResolvedImage {
  /** As containerd knows it. */
  name: string;
  id: string;
  /** The snapshot that all layers together make. */
  chainId: string;
  process: ImageProcess;
}

interface Details {
  id: string;
  sizeBytes: number;
  user: Image['user'];
  /** Throws for one that is broken: it is listed and removed like any other, but nothing is made of it. */
  config: () => ImageConfig;
}

/** containerd's own way to say it. */
const pinnedLabel = 'io.cri-containerd.pinned';

/** Images in containerd's store; what is not there is pulled by nerdctl. */
export class ImageStore implements Omit<ImageService, 'imageFsInfo'> {
  readonly #client: ContainerdClient;
  readonly #content: ImageContent;
  readonly #pulls: Pulls;
  /** Of images that are there, by target digest: content never changes under its digest. */
  readonly #details = new Map<string, Promise<Details>>();

  readonly #pinned: string | undefined;

  /** `pinned` is the reference of an image that the runtime itself needs. */
  constructor(client: ContainerdClient, pulls: Pulls, pinned?: string) {
    this.#client = client;
    this.#content = new ImageContent(client);
    this.#pulls = pulls;
    this.#pinned = pinned && normalizeImageReference(pinned);
  }

  async listImages(): Promise<Image[]> {
    const byId = new Map<string, Image>();
    for (const image of await this.#list()) {
      const described = await unlessBroken(this.#describe(image));
      if (described === undefined) continue;
      const known = byId.get(described.id);
      if (known === undefined) byId.set(described.id, described);
      else Object.assign(known, merge(known, described));
    }
    return [...byId.values()];
  }

  async imageStatus(reference: string): Promise<Image | undefined> {
    const [found, all] = await Promise.all([this.#find(reference), this.#list()]);
    if (found === undefined) return undefined;
    const { id, sizeBytes, user } = await this.#detailsOf(found);
    const { digest } = targetOf(found);
    const same = all.filter((image) => targetOf(image).digest === digest);
    const described = await Promise.all(same.map((image) => this.#describe(image)));
    return described.reduce<Image>((image, other) => ({ ...image, ...merge(image, other) }), { id, sizeBytes, repoTags: [], repoDigests: [], user, pinned: false });
  }

  async pullImage(reference: string, { signal, auth }: PullOptions = {}): Promise<string> {
    const name = normalizeImageReference(reference);
    try {
      await this.#pulls.pull(name, auth, signal);
    } catch (error) {
      throw new CriError('ImagePull', `failed to pull and unpack image "${name}": ${lastMessage(error)}`, { cause: error });
    }
    const image = await this.#find(reference);
    if (image === undefined) throw new CriError('ImagePull', `image "${reference}" is not there after its pull`);
    return (await this.#detailsOf(image)).id;
  }

  async removeImage(reference: string): Promise<void> {
    const image = await this.imageStatus(reference);
    for (const name of image === undefined ? [] : [...image.repoTags, ...image.repoDigests]) {
      await ignoreNotFound(this.#client.call('images', 'delete', { name, sync: true }));
    }
  }

  /** Everything that a container needs of its image. Fails with `ImageNotPresent`. */
  async resolve(reference: string): Promise<ResolvedImage> {
    const image = await this.#find(reference);
    if (image === undefined) throw new CriError('ImageNotPresent', `image "${reference}" is not present`);
    const { id, config } = await this.#detailsOf(image);
    const { process, diffIds } = config();
    return { name: image.name, id, chainId: chainId(diffIds), process };
  }

  async #find(reference: string): Promise<ContainerdImage | undefined> {
    if (isImageId(reference)) return this.#findById(reference);
    const name = normalizeImageReference(reference);
    const answer = await unlessNotFound(this.#client.call<{ image: ContainerdImage }>('images', 'get', { name }));
    return answer === undefined && name.includes('@') ? this.#findByDigest(name) : answer?.image;
  }

  /** One that came by its tag has the digest too. */
  async #findByDigest(name: string): Promise<ContainerdImage | undefined> {
    const images = await this.#list();
    return images.find((image) => `${imageRepository(image.name)}@${targetOf(image).digest}` === name);
  }

  async #findById(id: string): Promise<ContainerdImage | undefined> {
    for (const image of await this.#list()) if ((await unlessBroken(this.#detailsOf(image)))?.id === id) return image;
    return undefined;
  }

  async #list(): Promise<ContainerdImage[]> {
    const { images } = await this.#client.call<{ images: ContainerdImage[] }>('images', 'list', {});
    const present = new Set(images.map(({ target }) => target?.digest));
    for (const digest of this.#details.keys()) if (!present.has(digest)) this.#details.delete(digest);
    return images;
  }

  async #describe(image: ContainerdImage): Promise<Image> {
    const { id, sizeBytes, user } = await this.#detailsOf(image);
    const byDigest = image.name.includes('@');
    const digest = `${imageRepository(image.name)}@${targetOf(image).digest}`;
    const pinned = image.name === this.#pinned || image.labels[pinnedLabel] === 'pinned';
    return { id, repoTags: byDigest ? [] : [image.name], repoDigests: [digest], sizeBytes, user, pinned };
  }

  #detailsOf(image: ContainerdImage): Promise<Details> {
    const { digest } = targetOf(image);
    const cached = this.#details.get(digest);
    if (cached !== undefined) return cached;
    const details = this.#readDetails(digest);
    this.#details.set(digest, details);
    details.catch(() => this.#details.delete(digest));
    return details;
  }

  async #readDetails(digest: string): Promise<Details> {
    const manifest = await this.#content.manifest(digest);
    const document = await this.#content.json(manifest.config);
    const config = (): ImageConfig => imageConfig(document);
    return { id: manifest.config, sizeBytes: manifest.sizeBytes, user: userOf(config), config };
  }
}

/** OCI image-spec: the id of a layer is the hash of what lies under it and of its own content. */
export function chainId(diffIds: readonly string[]): string {
  return diffIds.reduce((parent, diffId) => (parent === '' ? diffId : `sha256:${createHash('sha256').update(`${parent} ${diffId}`).digest('hex')}`), '');
}

function userOf(config: () => ImageConfig): Image['user'] {
  try {
    return imageUser(config().process.user);
  } catch {
    return undefined;
  }
}

/** An image that came only in part, or for another platform, or is broken, is nobody else's business. */
async function unlessBroken<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof CriError && ['NotFound', 'ImageNotPresent', 'InvalidArgument'].includes(error.code)) return undefined;
    throw error;
  }
}

function isImageId(reference: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(reference);
}

function targetOf(image: ContainerdImage): Descriptor {
  if (image.target === null) throw new Error(`image ${image.name} has no target`);
  return image.target;
}

function merge(first: Image, second: Image): Pick<Image, 'repoTags' | 'repoDigests' | 'pinned'> {
  const union = (left: string[], right: string[]): string[] => [...new Set([...left, ...right])];
  return { repoTags: union(first.repoTags, second.repoTags), repoDigests: union(first.repoDigests, second.repoDigests), pinned: first.pinned || second.pinned };
}
