import { createHash } from 'node:crypto';
import type { ServiceError } from '@grpc/grpc-js';
import { CriError } from '../cri.ts';
import type { Image, ImageService, PullOptions } from '../cri.ts';
import { imageRepository, normalizeImageReference } from '../image-reference.ts';
import { criErrorOf, ignoreNotFound } from './containerd-client.ts';
import type { ContainerdClient } from './containerd-client.ts';
import type { ContainerdImage, Descriptor } from './containerd-types.ts';
import { lastMessage } from './nerdctl-cli.ts';
import type { NerdctlCli } from './nerdctl-cli.ts';

/** What of an image's configuration a container takes over (OCI image-spec, config). */
export interface ImageProcess {
  entrypoint: string[];
  cmd: string[];
  env: string[];
  workingDir: string;
  /** `uid[:gid]` or a name. */
  user: string;
  stopSignal: string;
}

export interface ResolvedImage {
  /** As containerd knows it. */
  name: string;
  id: string;
  /** The snapshot that all layers together make. */
  chainId: string;
  process: ImageProcess;
}

interface Manifest {
  config: { digest: string; size: number };
  layers: { size: number }[];
  manifests?: { digest: string; platform?: { architecture: string; os: string } }[];
}

interface ImageConfig {
  config?: { Entrypoint?: string[]; Cmd?: string[]; Env?: string[]; WorkingDir?: string; User?: string; StopSignal?: string };
  rootfs: { diff_ids: string[] };
}

interface Details {
  id: string;
  sizeBytes: number;
  config: ImageConfig;
}

const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', ia32: '386' };
const READ_DEADLINE_MS = 10_000;

/** Images in containerd's store; what is not there is pulled by nerdctl. */
export class ImageStore implements ImageService {
  readonly #client: ContainerdClient;
  readonly #nerdctl: NerdctlCli;
  /** By target digest: content never changes under its digest. */
  readonly #details = new Map<string, Promise<Details>>();

  constructor(client: ContainerdClient, nerdctl: NerdctlCli) {
    this.#client = client;
    this.#nerdctl = nerdctl;
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
    const found = await this.#find(reference);
    if (found === undefined) return undefined;
    const { id, sizeBytes, config } = await this.#detailsOf(found);
    const { digest } = targetOf(found);
    const same = (await this.#list()).filter((image) => targetOf(image).digest === digest);
    const described = await Promise.all(same.map((image) => this.#describe(image)));
    return described.reduce<Image>((image, other) => ({ ...image, ...merge(image, other) }), { id, sizeBytes, repoTags: [], repoDigests: [], user: imageUser(config.config?.User ?? '') });
  }

  async pullImage(reference: string, { signal }: PullOptions = {}): Promise<string> {
    const name = normalizeImageReference(reference);
    try {
      await this.#nerdctl.pull(name, signal);
    } catch (error) {
      throw new CriError('ImagePull', `failed to pull image "${reference}": ${lastMessage(error)}`, { cause: error });
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
    return { name: image.name, id, chainId: chainId(config.rootfs.diff_ids), process: imageProcess(config) };
  }

  async #find(reference: string): Promise<ContainerdImage | undefined> {
    if (isImageId(reference)) return this.#findById(reference);
    try {
      const name = normalizeImageReference(reference);
      const { image } = await this.#client.call<{ image: ContainerdImage }>('images', 'get', { name });
      return image;
    } catch (error) {
      if (error instanceof CriError && error.code === 'NotFound') return undefined;
      throw error;
    }
  }

  async #findById(id: string): Promise<ContainerdImage | undefined> {
    for (const image of await this.#list()) if ((await unlessBroken(this.#detailsOf(image)))?.id === id) return image;
    return undefined;
  }

  async #list(): Promise<ContainerdImage[]> {
    const { images } = await this.#client.call<{ images: ContainerdImage[] }>('images', 'list', {});
    return images;
  }

  async #describe(image: ContainerdImage): Promise<Image> {
    const { id, sizeBytes, config } = await this.#detailsOf(image);
    const byDigest = image.name.includes('@');
    const digest = `${imageRepository(image.name)}@${targetOf(image).digest}`;
    return { id, repoTags: byDigest ? [] : [image.name], repoDigests: [digest], sizeBytes, user: imageUser(config.config?.User ?? '') };
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
    const manifest = await this.#readManifest(digest);
    const config = await this.#readJson<ImageConfig>(manifest.config.digest);
    const sizeBytes = manifest.layers.reduce((sum, layer) => sum + layer.size, manifest.config.size);
    return { id: manifest.config.digest, sizeBytes, config };
  }

  async #readManifest(digest: string): Promise<Manifest> {
    const document = await this.#readJson<Manifest>(digest);
    if (document.manifests === undefined) return document;
    const architecture = architectures[process.arch] ?? process.arch;
    const matches = ({ platform }: { platform?: { architecture: string; os: string } }): boolean =>
      platform === undefined || (platform.os === 'linux' && platform.architecture === architecture);
    const entry = document.manifests.find(matches);
    if (entry === undefined) throw new CriError('ImageNotPresent', `image index ${digest} has no manifest for linux/${architecture}`);
    return this.#readJson<Manifest>(entry.digest);
  }

  async #readJson<T>(digest: string): Promise<T> {
    const chunks: Uint8Array[] = [];
    const stream = this.#client.stream('content', 'read', { digest }, { deadlineMs: READ_DEADLINE_MS });
    try {
      for await (const { data } of stream as AsyncIterable<{ data: Uint8Array }>) chunks.push(data);
    } catch (error) {
      throw criErrorOf(error as ServiceError, 'content.read');
    }
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as T;
  }
}

/** OCI image-spec: the id of a layer is the hash of what lies under it and of its own content. */
export function chainId(diffIds: readonly string[]): string {
  return diffIds.reduce((parent, diffId) => (parent === '' ? diffId : `sha256:${createHash('sha256').update(`${parent} ${diffId}`).digest('hex')}`), '');
}

/** The USER of an image config without its group. */
export function imageUser(user: string): Image['user'] {
  const [name = ''] = user.split(':');
  if (name === '') return undefined;
  return /^[0-9]+$/.test(name) ? { uid: Number(name) } : { username: name };
}

function imageProcess({ config = {} }: ImageConfig): ImageProcess {
  return {
    entrypoint: config.Entrypoint ?? [],
    cmd: config.Cmd ?? [],
    env: config.Env ?? [],
    workingDir: config.WorkingDir ?? '',
    user: config.User ?? '',
    stopSignal: config.StopSignal ?? '',
  };
}

/** An image that came only in part, or for another platform, is nobody else's business. */
async function unlessBroken<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof CriError && (error.code === 'NotFound' || error.code === 'ImageNotPresent')) return undefined;
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

function merge(first: Image, second: Image): Pick<Image, 'repoTags' | 'repoDigests'> {
  const union = (left: string[], right: string[]): string[] => [...new Set([...left, ...right])];
  return { repoTags: union(first.repoTags, second.repoTags), repoDigests: union(first.repoDigests, second.repoDigests) };
}
