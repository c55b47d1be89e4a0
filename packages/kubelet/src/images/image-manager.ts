import { CriError, type Image, type ImageService } from '@podling/cri';
import type { Container, Pod } from '@podling/shared/api';
import { uidOf } from '@podling/shared/api';
import { formatDurationMs, type Clock } from '@podling/shared/util';
import type { KeyedBackOff } from '../back-off/keyed-back-off.ts';
import type { PullCredential } from './docker-config.ts';
import type { PullCredentials } from './pull-credentials.ts';
import type { PulledImages } from './pulled-images.ts';
import { SharedPulls, type PullResult } from './shared-pulls.ts';

export type ImageErrorReason = 'ErrImagePull' | 'RegistryUnavailable' | 'SignatureValidationFailed' | 'ImagePullBackOff' | 'ErrImageNeverPull' | 'InvalidImageName' | 'ImageInspectError';

/** The image is not there; the container waits with `reason`, and the next try is worth it after `retryAtMs` by the monotonic clock (0: unknown). */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly reason: ImageErrorReason;
  readonly retryAtMs: number;

  constructor(reason: ImageErrorReason, message: string, retryAtMs: number, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.retryAtMs = retryAtMs;
  }
}

/** Tells the pod's user; bound to pod and container by the caller. */
export type TellUser = (type: 'Normal' | 'Warning', reason: string, message: string) => void;

export interface ImageManagerOptions {
  images: ImageService;
  backOff: KeyedBackOff;
  clock: Clock;
  credentials: Pick<PullCredentials, 'of'>;
  pulled: PulledImages;
  /** Pulls at once; undefined: as many as are asked for. */
  maxParallelPulls?: number;
}

const neverPullRetryMs = 60_000;
/** After a failed pull the status says so for this long, then that the next one is waited for. */
const showErrorMs = 2_000;

/**
 * Makes an image present by the container's pull policy.
 * Called by the runtime manager before a container is created. Upstream twin: kubelet `images.EnsureImageExists`.
 */
export class ImageManager {
  readonly #images: ImageService;
  readonly #backOff: KeyedBackOff;
  readonly #clock: Clock;
  readonly #credentials: ImageManagerOptions['credentials'];
  readonly #pulled: PulledImages;
  readonly #pulls: SharedPulls;
  readonly #failures = new Map<string, { error: ImageError; untilMs: number }>();

  constructor({ images, backOff, clock, credentials, pulled, maxParallelPulls }: ImageManagerOptions) {
    this.#images = images;
    this.#backOff = backOff;
    this.#clock = clock;
    this.#credentials = credentials;
    this.#pulled = pulled;
    this.#pulls = new SharedPulls({ images, clock, limit: maxParallelPulls ?? Number.POSITIVE_INFINITY });
  }

  /** What is there of the container's image, for `ensureImageExists`: asked while there is other work. */
  lookAhead({ image = '' }: Container): Promise<Image | undefined> {
    const looking = this.#images.imageStatus(image);
    looking.catch(() => undefined);
    return looking;
  }

  /** Resolves when the image is present; fails with `ImageError`. */
  async ensureImageExists(pod: Pod, container: Container, tell: TellUser, signal: AbortSignal, looking = this.lookAhead(container)): Promise<void> {
    const reference = container.image ?? '';
    const policy = pullPolicyOf(container);
    const present = await this.#inspect(reference, looking, tell);
    let found: Promise<PullCredential[]> | undefined;
    const credentials = (): Promise<PullCredential[]> => (found ??= this.#credentials.of(pod, reference));
    if (present !== undefined && policy !== 'Always' && (await this.#pulled.isAccessible(reference, present.id, credentials))) {
      tell('Normal', 'Pulled', `Container image "${reference}" already present on machine and can be accessed by the pod`);
      return;
    }
    // To a pod that may not have it, what is there is not there.
    if (policy === 'Never') throw this.#neverPull(reference, tell);
    await this.#pull(pod, reference, credentials, tell, signal);
  }

  async #inspect(reference: string, looking: Promise<Image | undefined>, tell: TellUser): Promise<Image | undefined> {
    try {
      return await looking;
    } catch (error) {
      if (!(error instanceof CriError) || error.code === 'Unavailable') throw error;
      const invalid = error.code === 'InvalidImageName';
      const message = `Failed to ${invalid ? 'apply default image tag' : 'inspect image'} "${reference}": ${error.message}`;
      tell('Warning', invalid ? 'InspectFailed' : 'Failed', message);
      throw new ImageError(invalid ? 'InvalidImageName' : 'ImageInspectError', message, this.#clock.monotonic() + neverPullRetryMs, { cause: error });
    }
  }

  #neverPull(reference: string, tell: TellUser): ImageError {
    const message = `Container image "${reference}" is not present with pull policy of Never`;
    tell('Warning', 'ErrImageNeverPull', message);
    return new ImageError('ErrImageNeverPull', message, this.#clock.monotonic() + neverPullRetryMs);
  }

  async #pull(pod: Pod, reference: string, credentials: () => Promise<PullCredential[]>, tell: TellUser, signal: AbortSignal): Promise<void> {
    const key = `${uidOf(pod)}/image/${reference}`;
    const blockedUntil = this.#backOff.blockedUntil(key);
    if (blockedUntil > 0) throw this.#inBackOff(key, reference, blockedUntil, tell);
    const tried = await credentials();
    tell('Normal', 'Pulling', `Pulling image "${reference}"`);
    const startMs = this.#clock.monotonic();
    let result: PullResult;
    try {
      result = await this.#recordedPull(reference, tried, signal);
    } catch (error) {
      throw this.#pullFailed(key, reference, error, tell, signal);
    }
    this.#backOff.reset(key);
    this.#failures.delete(key);
    await this.#tellPulled(reference, result.tookMs, this.#clock.monotonic() - startMs, tell);
  }

  async #recordedPull(reference: string, credentials: readonly PullCredential[], signal: AbortSignal): Promise<PullResult> {
    await this.#pulled.begin(reference);
    try {
      const result = await this.#pulls.pull(reference, credentials, signal);
      // What cannot be recorded counts as still being pulled: the next pod must show its credentials.
      await this.#pulled.succeeded(reference, result.imageId, result.used).catch(() => undefined);
      return result;
    } catch (error) {
      await this.#pulled.failed(reference);
      throw error;
    }
  }

  #inBackOff(key: string, reference: string, blockedUntil: number, tell: TellUser): ImageError {
    const last = this.#failures.get(key);
    if (last !== undefined && this.#clock.monotonic() < last.untilMs) return last.error;
    const message = `Back-off pulling image "${reference}"`;
    tell('Normal', 'BackOff', message);
    const why = last === undefined ? '' : `: ${last.error.reason}: ${last.error.message}`;
    return new ImageError('ImagePullBackOff', message + why, blockedUntil);
  }

  #pullFailed(key: string, reference: string, error: unknown, tell: TellUser, signal: AbortSignal): unknown {
    if (signal.aborted) return error;
    const text = error instanceof Error ? error.message : String(error);
    tell('Warning', 'Failed', `Failed to pull image "${reference}": ${text}`);
    this.#backOff.next(key);
    const untilMs = Math.min(this.#backOff.blockedUntil(key), this.#clock.monotonic() + showErrorMs);
    const failure = new ImageError(reasonOf(error, text), pullMessage(reference, text), untilMs, { cause: error });
    this.#failures.set(key, { error: failure, untilMs });
    return failure;
  }

  async #tellPulled(reference: string, tookMs: number, withWaitMs: number, tell: TellUser): Promise<void> {
    const size = (await this.#images.imageStatus(reference))?.sizeBytes ?? 0;
    const duration = `${formatDurationMs(tookMs)} (${formatDurationMs(withWaitMs)} including waiting)`;
    tell('Normal', 'Pulled', `Successfully pulled image "${reference}" in ${duration}. Image size: ${size} bytes.`);
  }

  forgetPod(uid: string): void {
    for (const key of this.#failures.keys()) if (key.startsWith(`${uid}/`)) this.#failures.delete(key);
  }
}

/** One at a time unless the configuration says otherwise; then as many as it says, or any number. */
export function pullLimit({ serializeImagePulls, maxParallelImagePulls }: { serializeImagePulls: boolean; maxParallelImagePulls?: number }): Pick<ImageManagerOptions, 'maxParallelPulls'> {
  if (serializeImagePulls) return { maxParallelPulls: 1 };
  return maxParallelImagePulls === undefined ? {} : { maxParallelPulls: maxParallelImagePulls };
}

/** A runtime says by these words at the beginning that it is not the image's fault. */
const explained = {
  RegistryUnavailable: 'the registry is unavailable',
  SignatureValidationFailed: 'the signature validation failed',
} as const;

function explainedBy(text: string): keyof typeof explained | undefined {
  return (Object.keys(explained) as (keyof typeof explained)[]).find((word) => text.startsWith(word));
}

function reasonOf(error: unknown, text: string): ImageErrorReason {
  if (error instanceof CriError && error.code === 'InvalidImageName') return 'InvalidImageName';
  return explainedBy(text) ?? 'ErrImagePull';
}

function pullMessage(reference: string, text: string): string {
  const word = explainedBy(text);
  return word === undefined ? text : `image pull failed for ${reference} because ${explained[word]}${text.slice(word.length)}`;
}

/** As the API's defaults: `Always` for `:latest` or no tag, else `IfNotPresent`. */
function pullPolicyOf({ image = '', imagePullPolicy }: Container): 'Always' | 'IfNotPresent' | 'Never' {
  if (imagePullPolicy !== undefined) return imagePullPolicy;
  const last = image.slice(image.lastIndexOf('/') + 1);
  if (last.includes('@')) return 'IfNotPresent';
  return !last.includes(':') || last.endsWith(':latest') ? 'Always' : 'IfNotPresent';
}
