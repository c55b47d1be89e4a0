import type { Image, ImageService } from '@podling/cri';
import type { Clock, Logger } from '@podling/shared/util';

export interface ImageGcPolicy {
  /** A file system that is used this much is cleared … */
  highThresholdPercent: number;
  /** … down to this. */
  lowThresholdPercent: number;
  /** A younger image may be about to be used. */
  minAgeMs: number;
  /** One that was not used for so long goes in any case; 0: none does. */
  maxAgeMs: number;
}

export interface ImageFsSpace {
  capacityBytes: number;
  availableBytes: number;
}

export interface ImageGcManagerOptions {
  images: Pick<ImageService, 'listImages' | 'removeImage'>;
  /** Of all containers, those that have ended too: by id, or by digest, as the runtime tells it of a container. */
  imagesInUse: () => Promise<ReadonlySet<string>>;
  imageFs: () => Promise<ImageFsSpace>;
  policy: ImageGcPolicy;
  /** A warning about the node. */
  onTrouble: (reason: 'FreeDiskSpaceFailed' | 'InvalidDiskCapacity', message: string) => void;
  clock: Clock;
  logger: Logger;
}

type RemovalReason = 'age' | 'space';

interface ImageRecord {
  firstDetectedMs: number;
  /** 0: never since the kubelet began. */
  lastUsedMs: number;
  sizeBytes: number;
  pinned: boolean;
}

interface Candidate extends ImageRecord {
  id: string;
}

/**
 * Removes images that no container uses, the one first that was not used for longest; never one that is pinned. Times go
 * by the monotonic clock. Upstream twin: kubelet `images.ImageGCManager`.
 */
export class ImageGcManager {
  readonly #options: ImageGcManagerOptions;
  readonly #records = new Map<string, ImageRecord>();
  readonly #removed = new Map<RemovalReason, number>();
  readonly #startedMs: number;
  /** Two at once would free twice as much as is asked for. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ImageGcManagerOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonic();
  }

  /** Notes which images are there and in use. */
  async detectImages(): Promise<void> {
    await this.#detect();
  }

  /** By age, then by what the file system has left. Fails when not enough can be freed. */
  collectGarbage(): Promise<void> {
    return this.#alone(() => this.#collect());
  }

  /** All that nobody needs, younger ones than `minAgeMs` aside. */
  deleteUnusedImages(): Promise<void> {
    return this.#alone(async () => {
      const nowMs = this.#options.clock.monotonic();
      await this.#freeSpace(Number.POSITIVE_INFINITY, await this.#candidates(), nowMs);
    });
  }

  /** Images removed so far, by the reason. */
  removed(): ReadonlyMap<string, number> {
    return this.#removed;
  }

  #alone(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #collect(): Promise<void> {
    const { clock, imageFs, policy } = this.#options;
    const nowMs = clock.monotonic();
    const candidates = await this.#freeOld(await this.#candidates(), nowMs);
    const space = await imageFs();
    if (space.capacityBytes === 0) throw this.#trouble('InvalidDiskCapacity', 'invalid capacity 0 on image filesystem');
    const { capacityBytes } = space;
    const availableBytes = Math.min(space.availableBytes, capacityBytes);
    const usedPercent = 100 - Math.trunc((availableBytes * 100) / capacityBytes);
    if (usedPercent < policy.highThresholdPercent) return;
    const wantedBytes = Math.trunc((capacityBytes * (100 - policy.lowThresholdPercent)) / 100) - availableBytes;
    const freedBytes = await this.#freeSpace(wantedBytes, candidates, nowMs);
    if (freedBytes < wantedBytes) throw this.#trouble('FreeDiskSpaceFailed', freeDiskSpaceFailed(usedPercent, capacityBytes, freedBytes));
  }

  #trouble(reason: 'FreeDiskSpaceFailed' | 'InvalidDiskCapacity', message: string): Error {
    this.#options.onTrouble(reason, message);
    return new Error(message);
  }

  async #freeOld(candidates: readonly Candidate[], nowMs: number): Promise<Candidate[]> {
    const { maxAgeMs } = this.#options.policy;
    // Before the kubelet has run for so long it cannot know what was used.
    if (maxAgeMs === 0 || nowMs - this.#startedMs <= maxAgeMs) return [...candidates];
    // One that has come since may be about to be used for the first time.
    const isOld = ({ lastUsedMs, firstDetectedMs }: Candidate): boolean => nowMs - Math.max(lastUsedMs, firstDetectedMs) > maxAgeMs;
    const { errors } = await this.#remove(candidates.filter(isOld), 'age', Number.POSITIVE_INFINITY);
    if (errors.length > 0) throw new Error(`wanted to free images older than ${maxAgeMs} ms, encountered errors in image deletion: ${messagesOf(errors)}`, { cause: errors[0] });
    return candidates.filter((candidate) => !isOld(candidate));
  }

  async #freeSpace(wantedBytes: number, candidates: readonly Candidate[], nowMs: number): Promise<number> {
    const { minAgeMs } = this.#options.policy;
    const { freedBytes, errors } = await this.#remove(candidates.filter(({ firstDetectedMs }) => nowMs - firstDetectedMs >= minAgeMs), 'space', wantedBytes);
    if (errors.length > 0) throw new Error(`wanted to free ${wantedBytes} bytes, but freed ${freedBytes} bytes space with errors in image deletion: ${messagesOf(errors)}`, { cause: errors[0] });
    return freedBytes;
  }

  /** Until so much is free; one that stays does not hold up the next. */
  async #remove(candidates: readonly Candidate[], reason: RemovalReason, wantedBytes: number): Promise<{ freedBytes: number; errors: unknown[] }> {
    const { images, logger } = this.#options;
    const errors: unknown[] = [];
    let freedBytes = 0;
    for (const { id, sizeBytes } of candidates) {
      if (freedBytes >= wantedBytes) break;
      logger.info({ image: id, sizeBytes, reason }, 'removing an image that nobody uses');
      try {
        await images.removeImage(id);
      } catch (error) {
        errors.push(error);
        continue;
      }
      this.#records.delete(id);
      this.#removed.set(reason, (this.#removed.get(reason) ?? 0) + 1);
      freedBytes += sizeBytes;
    }
    return { freedBytes, errors };
  }

  /** Those that may go, in that order. */
  async #candidates(): Promise<Candidate[]> {
    const inUse = await this.#detect();
    return [...this.#records].map(([id, record]) => ({ id, ...record })).filter(({ id, pinned }) => !pinned && !inUse.has(id))
      .sort((one, other) => one.lastUsedMs - other.lastUsedMs || one.firstDetectedMs - other.firstDetectedMs);
  }

  async #detect(): Promise<ReadonlySet<string>> {
    const { images, imagesInUse, clock } = this.#options;
    const present = await images.listImages();
    const named = await imagesInUse();
    const inUse = new Set(present.filter(({ id, repoDigests }) => [id, ...repoDigests].some((name) => named.has(name))).map(({ id }) => id));
    const nowMs = clock.monotonic();
    for (const image of present) this.#records.set(image.id, this.#recordOf(image, inUse.has(image.id), nowMs));
    const ids = new Set(present.map(({ id }) => id));
    for (const id of this.#records.keys()) if (!ids.has(id)) this.#records.delete(id);
    return inUse;
  }

  #recordOf({ id, sizeBytes, pinned }: Image, used: boolean, nowMs: number): ImageRecord {
    const known = this.#records.get(id);
    return { firstDetectedMs: known?.firstDetectedMs ?? nowMs, lastUsedMs: used ? nowMs : (known?.lastUsedMs ?? 0), sizeBytes, pinned };
  }
}

function messagesOf(errors: readonly unknown[]): string {
  return errors.map((error) => (error instanceof Error ? error.message : String(error))).join(', ');
}

function freeDiskSpaceFailed(usedPercent: number, capacityBytes: number, freedBytes: number): string {
  return `Insufficient free disk space on the node's image filesystem (${usedPercent}% of ${sizeText(capacityBytes)} used). `
    + `Failed to free sufficient space by deleting unused images (freed ${freedBytes} bytes). `
    + 'Investigate disk usage, as it could be used by active images, logs, volumes, or other data.';
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

function sizeText(bytes: number): string {
  const power = Math.min(Math.max(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), 0), units.length - 1);
  return power === 0 ? `${bytes} B` : `${(bytes / 1024 ** power).toFixed(1)} ${units[power]}`;
}
