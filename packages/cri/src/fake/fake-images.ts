import { createHash } from 'node:crypto';

import type { Clock } from '@podling/shared/util';

import { CriError } from '../cri.ts';
import type { Image, ImageService, PullOptions } from '../cri.ts';
import { normalizeImageReference } from '../image-reference.ts';

export interface FakeImagesOptions {
  clock: Clock;
  images: readonly string[];
  pullMs: number;
}

/** Image store in memory: a pull succeeds after `pullMs` unless `failPull` says otherwise. */
export class FakeImages implements Omit<ImageService, 'imageFsInfo'> {
  readonly #clock: Clock;
  readonly #pullMs: number;
  readonly #images = new Map<string, Image>();
  readonly #pullFailures = new Map<string, CriError>();
  readonly #passwords = new Map<string, string>();

  constructor(options: FakeImagesOptions) {
    this.#clock = options.clock;
    this.#pullMs = options.pullMs;
    for (const reference of options.images) this.addImage(reference);
  }

  addImage(reference: string): Image {
    const name = normalizeImageReference(reference);
    const id = `sha256:${createHash('sha256').update(name).digest('hex')}`;
    const image = { id, repoTags: [name], repoDigests: [], sizeBytes: 1024 * 1024, user: undefined, pinned: false };
    this.#images.set(name, image);
    return image;
  }

  /** Every pull of `reference` fails with `error` until it is called with undefined. */
  failPull(reference: string, error: CriError | string | undefined): void {
    const name = normalizeImageReference(reference);
    if (error === undefined) this.#pullFailures.delete(name);
    else this.#pullFailures.set(name, typeof error === 'string' ? new CriError('ImagePull', error) : error);
  }

  /** Its registry wants this password from now on. */
  lockPull(reference: string, password: string): void {
    this.#passwords.set(normalizeImageReference(reference), password);
  }

  async listImages(): Promise<Image[]> {
    return [...this.#images.values()];
  }

  async imageStatus(reference: string): Promise<Image | undefined> {
    return this.find(reference);
  }

  async pullImage(reference: string, { signal, auth }: PullOptions = {}): Promise<string> {
    const name = normalizeImageReference(reference);
    if (this.#pullMs > 0) await this.#clock.sleep(this.#pullMs, signal);
    const failure = this.#pullFailures.get(name);
    if (failure !== undefined) throw new CriError(failure.code, failure.message, { cause: failure });
    const password = this.#passwords.get(name);
    if (password !== undefined && auth?.password !== password) throw new CriError('ImagePull', `failed to pull and unpack image "${name}": 401 Unauthorized`);
    return this.addImage(reference).id;
  }

  async removeImage(reference: string): Promise<void> {
    const found = this.find(reference);
    for (const [name, image] of this.#images) if (image.id === found?.id) this.#images.delete(name);
  }

  find(reference: string): Image | undefined {
    const byId = [...this.#images.values()].find((image) => image.id === reference);
    return byId ?? this.#images.get(normalizeImageReference(reference));
  }
}
