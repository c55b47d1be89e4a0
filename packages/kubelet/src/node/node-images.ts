import type { Image, ImageService } from '@podling/cri';
import type { ContainerImage } from '@podling/shared/api';
import type { Clock, Logger } from '@podling/shared/util';

export interface NodeImagesOptions {
  images: Pick<ImageService, 'listImages'>;
  /** `nodeStatusMaxImages`; -1: all. */
  maxImages: number;
  clock: Clock;
  logger: Logger;
}

/** Kubernetes' `imageCache` is as old at most. */
const maxAgeMs = 30_000;
/** Kubernetes' `MaxNamesPerImageInNodeStatus`. */
const maxNames = 5;

/** The images of a node's status: the scheduler likes a node that has a pod's images already. Upstream twin: nodestatus `Images`. */
export class NodeImages {
  readonly #options: NodeImagesOptions;
  #known: readonly ContainerImage[] = [];
  #readMs = Number.NEGATIVE_INFINITY;

  constructor(options: NodeImagesOptions) {
    this.#options = options;
  }

  /** As they were half a minute ago at most, or as they were last when the runtime does not tell. */
  async latest(): Promise<readonly ContainerImage[]> {
    const { images, maxImages, clock, logger } = this.#options;
    if (clock.monotonic() - this.#readMs < maxAgeMs) return this.#known;
    try {
      this.#known = statusImages(await images.listImages(), maxImages);
      this.#readMs = clock.monotonic();
    } catch (error) {
      logger.warn({ err: error }, 'cannot list images for the node status');
    }
    return this.#known;
  }
}

/** The largest first. */
function statusImages(images: readonly Image[], maxImages: number): ContainerImage[] {
  const sorted = images.toSorted((left, right) => right.sizeBytes - left.sizeBytes || (left.id < right.id ? -1 : 1));
  const shown = maxImages < 0 ? sorted : sorted.slice(0, maxImages);
  return shown.map(({ repoDigests, repoTags, sizeBytes }) => ({ names: [...repoDigests, ...repoTags].slice(0, maxNames), sizeBytes }));
}
