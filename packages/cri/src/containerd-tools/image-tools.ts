import { resolve } from 'node:path';
import { isMountPoint } from '@podling/shared/process';
import { CriError } from '../cri.ts';
import type { AuthConfig } from '../cri.ts';
import { normalizeImageReference } from '../image-reference.ts';
import { ignoreNotFound, unlessNotFound } from '../not-found.ts';
import { SNAPSHOTTER } from '../containerd/snapshotter.ts';
import { isAlreadyExists } from '../containerd/containerd-client.ts';
import type { ContainerdClient } from '../containerd/containerd-client.ts';
import type { ContainerdImage, SnapshotMount } from '../containerd/containerd-types.ts';
import { exec } from '../containerd/exec.ts';
import { imageConfig } from '../containerd/image-config.ts';
import { ImageContent } from '../containerd/image-content.ts';
import { chainId } from '../containerd/image-store.ts';
import { mountPoint } from './mount-point.ts';
import type { Nerdctl } from './nerdctl.ts';

/** What of an image is there. */
export interface ImageCheck {
  name: string;
  mediaType: string;
  digest: string;
  /** `complete`: all of it; `incomplete`: parts; `unavailable`: not even the manifest. */
  status: 'complete' | 'incomplete' | 'unavailable';
  /** Of configuration and layers: those that are there, and all. */
  present: number;
  required: number;
  presentBytes: number;
  requiredBytes: number;
  /** A container can be made of it at once. */
  unpacked: boolean;
}

const GC_ROOT = 'containerd.io/gc.root';
/** On snapshots that stand for a folder where an image is mounted. */
const MOUNT_PREFIX = 'podling-image-mount:';

/** What people do to images by hand, in one of containerd's namespaces. Names are as the user writes them. */
export class ImageTools {
  readonly #client: ContainerdClient;
  readonly #nerdctl: Nerdctl;
  readonly #content: ImageContent;

  constructor(client: ContainerdClient, nerdctl: Nerdctl) {
    this.#client = client;
    this.#nerdctl = nerdctl;
    this.#content = new ImageContent(client);
  }

  /** From an OCI or docker archive; what nerdctl says of it. */
  import(path: string, signal: AbortSignal): Promise<string> {
    return this.#nerdctl.load(resolve(path), signal);
  }

  async export(references: readonly string[], path: string, signal: AbortSignal): Promise<void> {
    const images = await Promise.all(references.map((reference) => this.#image(reference)));
    await this.#nerdctl.save(images.map(({ name }) => name), resolve(path), signal);
  }

  async push(reference: string, auth: AuthConfig | undefined, signal: AbortSignal): Promise<void> {
    const { name } = await this.#image(reference);
    await this.#nerdctl.push(name, auth, signal);
  }

  /** A further name; one that there is already moves to this image. */
  async tag(reference: string, tag: string): Promise<string> {
    const image = await this.#image(reference);
    const name = normalizeImageReference(tag);
    const tagged = { name, labels: image.labels, target: image.target };
    try {
      await this.#client.call('images', 'create', { image: tagged });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      await this.#client.call('images', 'update', { image: tagged, updateMask: { paths: ['target'] } });
    }
    return name;
  }

  /** Takes one name away; the image goes when it was its last. */
  async untag(reference: string): Promise<string> {
    const { name } = await this.#image(reference);
    await this.#client.call('images', 'delete', { name, sync: true });
    return name;
  }

  /** Sets these labels, or takes those with an empty value away; answers all that it has then. */
  async label(reference: string, labels: Record<string, string>): Promise<Record<string, string>> {
    const image = await this.#image(reference);
    const paths = Object.keys(labels).map((key) => `labels.${key}`);
    if (paths.length === 0) return image.labels;
    const answer = await this.#client.call<{ image: ContainerdImage }>('images', 'update', { image: { ...image, labels }, updateMask: { paths } });
    return Object.fromEntries(Object.entries(answer.image.labels).filter(([, value]) => value !== ''));
  }

  /** Those that are named, or all. */
  async check(references: readonly string[]): Promise<ImageCheck[]> {
    const images = references.length > 0 ? await Promise.all(references.map((reference) => this.#image(reference))) : (await this.#client.call<{ images: ContainerdImage[] }>('images', 'list', {})).images;
    return Promise.all(images.toSorted((one, other) => (one.name < other.name ? -1 : 1)).map((image) => this.#check(image)));
  }

  /** The image's files in an empty folder, read-only, until `unmount`. The folder is made where only it is missing. */
  async mount(reference: string, target: string): Promise<string> {
    const folder = resolve(target);
    if (isMountPoint(folder)) throw new CriError('InvalidArgument', `something is mounted at ${folder} already`);
    const image = await this.#image(reference);
    mountPoint(folder);
    const manifest = await this.#content.manifest(image.target?.digest ?? '');
    const { diffIds } = imageConfig(await this.#content.json(manifest.config));
    const key = `${MOUNT_PREFIX}${folder}`;
    await ignoreNotFound(this.#client.call('snapshots', 'remove', { snapshotter: SNAPSHOTTER, key }));
    const labels = { [GC_ROOT]: new Date().toISOString() };
    const { mounts } = await this.#client.call<{ mounts: SnapshotMount[] }>('snapshots', 'view', { snapshotter: SNAPSHOTTER, key, parent: chainId(diffIds), labels });
    try {
      for (const { type, source, options } of mounts) await exec('mount', mountArguments(type, source, options, folder));
    } catch (error) {
      await this.#client.call('snapshots', 'remove', { snapshotter: SNAPSHOTTER, key });
      throw error;
    }
    return folder;
  }

  async unmount(target: string): Promise<string> {
    const folder = resolve(target);
    const key = `${MOUNT_PREFIX}${folder}`;
    const known = await unlessNotFound(this.#client.call('snapshots', 'stat', { snapshotter: SNAPSHOTTER, key }));
    if (known === undefined) throw new CriError('NotFound', `no image is mounted at ${folder}`);
    if (isMountPoint(folder)) await exec('umount', [folder]);
    await this.#client.call('snapshots', 'remove', { snapshotter: SNAPSHOTTER, key });
    return folder;
  }

  async #check({ name, target }: ContainerdImage): Promise<ImageCheck> {
    const { mediaType = '', digest = '' } = target ?? {};
    const manifest = await unlessNotFound(this.#content.manifest(digest));
    const nothing = { name, mediaType, digest, present: 0, required: 0, presentBytes: 0, requiredBytes: 0, unpacked: false };
    if (manifest === undefined) return { ...nothing, status: 'unavailable' };
    const parts = [manifest.config, ...manifest.layers];
    const sizes = await Promise.all(parts.map((part) => this.#size(part)));
    const present = sizes.filter((size) => size !== undefined);
    const isWhole = present.length === parts.length;
    const figures = { present: present.length, required: parts.length, presentBytes: present.reduce((sum, size) => sum + size, 0), requiredBytes: manifest.sizeBytes };
    return { ...nothing, ...figures, status: isWhole ? 'complete' : 'incomplete', unpacked: sizes[0] !== undefined && (await this.#isUnpacked(manifest.config)) };
  }

  async #size(digest: string): Promise<number | undefined> {
    const answer = await unlessNotFound(this.#client.call<{ info: { size: string } }>('content', 'info', { digest }));
    return answer && Number(answer.info.size);
  }

  async #isUnpacked(config: string): Promise<boolean> {
    const { diffIds } = imageConfig(await this.#content.json(config));
    return (await unlessNotFound(this.#client.call('snapshots', 'stat', { snapshotter: SNAPSHOTTER, key: chainId(diffIds) }))) !== undefined;
  }

  async #image(reference: string): Promise<ContainerdImage> {
    const name = normalizeImageReference(reference);
    const answer = await unlessNotFound(this.#client.call<{ image: ContainerdImage }>('images', 'get', { name }));
    if (answer === undefined) throw new CriError('NotFound', `image ${JSON.stringify(reference)}: not found`);
    return answer.image;
  }
}

function mountArguments(type: string, source: string, options: readonly string[], folder: string): string[] {
  const readOnly = [...options.filter((option) => option !== 'rw'), ...(options.includes('ro') ? [] : ['ro'])];
  // A bind mount is one by its option alone.
  return [...(type === 'bind' ? [] : ['-t', type]), '-o', readOnly.join(','), source, folder];
}
