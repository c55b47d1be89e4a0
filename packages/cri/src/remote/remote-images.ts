import type { Image, ImageFsInfo, PullOptions } from '../cri.ts';
import { normalizeImageReference } from '../image-reference.ts';
import { ignoreNotFound, unlessNotFound } from '../not-found.ts';
import { nonsense } from './call-errors.ts';
import type { CriClient } from './cri-client.ts';
import { authMessage, image, imageFsInfo } from './image-messages.ts';

/** Runtimes give up on a pull that does not move by themselves; Kubernetes has no limit of its own either. */
const PULL_DEADLINE_MS = 6 * 60 * 60_000;
const IMAGE_ID = /^(?:sha256:)?[0-9a-f]{12,64}$/;

export class RemoteImages {
  readonly #client: CriClient;

  constructor(client: CriClient) {
    this.#client = client;
  }

  async list(): Promise<Image[]> {
    const { images } = await this.#client.image('ListImages', {});
    return images.map((one) => image(one));
  }

  async status(reference: string): Promise<Image | undefined> {
    checkReference(reference);
    const answer = await unlessNotFound(this.#client.image('ImageStatus', { image: { image: reference } }));
    return answer?.image ? image(answer.image, 'ImageStatus') : undefined;
  }

  async pull(reference: string, { signal, auth }: PullOptions = {}): Promise<string> {
    checkReference(reference);
    const request = { image: { image: reference }, ...(auth === undefined ? {} : { auth: authMessage(auth) }) };
    const { imageRef } = await this.#client.image('PullImage', request, { deadlineMs: PULL_DEADLINE_MS, ...(signal === undefined ? {} : { signal }) });
    if (imageRef === '') throw nonsense('PullImage', 'it has no image reference');
    // Not every runtime's reference is the id.
    return (await this.status(imageRef))?.id ?? imageRef;
  }

  async remove(reference: string): Promise<void> {
    checkReference(reference);
    await ignoreNotFound(this.#client.image('RemoveImage', { image: { image: reference } }));
  }

  async fsInfo(): Promise<ImageFsInfo> {
    return imageFsInfo(await this.#client.image('ImageFsInfo', {}));
  }
}

/** Runtimes do not tell a name that is none from an image that is not there. */
function checkReference(reference: string): void {
  if (!IMAGE_ID.test(reference)) normalizeImageReference(reference);
}
