import type { DownwardAPIVolumeFile, Pod, ProjectedVolumeSource, Volume, VolumeProjection } from '@podling/shared/api';
import { MissingObjectError, type PodObjects } from '../objects/pod-objects.ts';
import type { TokenManager } from '../objects/token-manager.ts';
import { metadataField } from '../runtime/pod-field.ts';
import { resourceField, type NodeAllocatable } from '../runtime/resource-field.ts';
import { configMapPayload, secretPayload, type FileProjection, type KeySelection, type Payload } from './file-projection.ts';
import { fsUserOf } from './ownership.ts';
import { tokenWish } from './volume-references.ts';

/** Where the content of such volumes comes from. */
export interface ProjectionContext {
  objects: Pick<PodObjects, 'configMap' | 'secret'>;
  tokens: Pick<TokenManager, 'token'>;
  nodeAllocatable: NodeAllocatable;
}

/** Objects are read; what is still on its way, a token, fails later. */
export type LatePayload = () => Promise<Payload>;

type Keys = Omit<KeySelection, 'optional' | 'defaultMode'> & { name?: string | undefined; optional?: boolean | undefined };

/** 0644, what the API fills in. */
export const defaultFileMode = 0o644;
const ownerOnly = 0o600;

/**
 * The files of configMap, secret, downwardAPI and projected volumes, as they are now. A missing object or key is an
 * error with Kubernetes' message, unless it is optional.
 */
export class Projections {
  readonly #context: ProjectionContext;

  constructor(context: ProjectionContext) {
    this.#context = context;
  }

  async read(pod: Pod, volume: Volume): Promise<Payload> {
    return (await this.begin(pod, volume))();
  }

  /** Resolves when the objects are read; tokens are asked for then, and awaited by what it answers. */
  async begin(pod: Pod, { configMap, secret, downwardAPI, projected, ...rest }: Volume): Promise<LatePayload> {
    if (configMap) return there(await this.#configMap(pod, configMap, configMap.defaultMode));
    if (secret) return there(await this.#secret(pod, { ...secret, name: secret.secretName }, secret.defaultMode));
    if (downwardAPI) return there(this.#downwardApi(pod, downwardAPI.items, downwardAPI.defaultMode));
    if (projected) return this.#projected(pod, projected);
    throw new Error(`volume kind "${kindOf(rest)}" is not supported yet`);
  }

  async #configMap(pod: Pod, { name = '', optional = false, items }: Keys, defaultMode = defaultFileMode): Promise<Payload> {
    const configMap = await this.#context.objects.configMap(pod, name).catch(orEmpty(optional));
    return configMapPayload(configMap, { items, optional, defaultMode });
  }

  async #secret(pod: Pod, { name = '', optional = false, items }: Keys, defaultMode = defaultFileMode): Promise<Payload> {
    const secret = await this.#context.objects.secret(pod, name).catch(orEmpty(optional));
    return secretPayload(secret, { items, optional, defaultMode });
  }

  #downwardApi(pod: Pod, items: readonly DownwardAPIVolumeFile[] = [], defaultMode = defaultFileMode): Payload {
    return new Map(items.map((item) => [item.path, { data: this.#downwardValue(pod, item), mode: item.mode ?? defaultMode }]));
  }

  /** A later source wins where two make the same file. */
  async #projected(pod: Pod, { sources = [], defaultMode }: ProjectedVolumeSource): Promise<LatePayload> {
    const parts = await allOrErrors(sources.map((source) => this.#source(pod, source, defaultMode)));
    return async () => new Map((await allOrErrors(parts.map((part) => part()))).flatMap((payload) => [...payload]));
  }

  async #source(pod: Pod, source: VolumeProjection, defaultMode?: number): Promise<LatePayload> {
    const { secret, configMap, downwardAPI, serviceAccountToken } = source;
    if (secret) return there(await this.#secret(pod, secret, defaultMode));
    if (configMap) return there(await this.#configMap(pod, configMap, defaultMode));
    if (downwardAPI) return there(this.#downwardApi(pod, downwardAPI.items, defaultMode));
    if (serviceAccountToken) return onItsWay(this.#token(pod, serviceAccountToken, defaultMode));
    const kind = source.clusterTrustBundle ? 'clusterTrustBundle' : source.podCertificate ? 'podCertificate' : 'none';
    throw new Error(`projected source "${kind}" is not supported yet`);
  }

  /** A token is its owner's alone where an owner or a group is known, else as readable as the volume says. */
  async #token(pod: Pod, source: NonNullable<VolumeProjection['serviceAccountToken']>, defaultMode = defaultFileMode): Promise<Payload> {
    const data = await this.#context.tokens.token(pod, tokenWish(source));
    const owner = fsUserOf(pod);
    const mode = owner !== undefined || pod.spec.securityContext?.fsGroup !== undefined ? ownerOnly : defaultMode;
    return new Map<string, FileProjection>([[source.path, { data, mode, owner }]]);
  }

  #downwardValue(pod: Pod, { fieldRef, resourceFieldRef }: DownwardAPIVolumeFile): string {
    const path = fieldRef?.fieldPath ?? '';
    const value = resourceFieldRef ? resourceField(pod, undefined, resourceFieldRef, this.#context.nodeAllocatable) : metadataField(pod, path);
    if (value !== undefined) return value;
    throw new Error(resourceFieldRef ? `unsupported container resource : ${resourceFieldRef.resource}` : `unsupported fieldPath: ${path}`);
  }
}

function kindOf(volume: Volume): string {
  return Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
}

function orEmpty(optional: boolean): (error: unknown) => Record<string, never> {
  return (error) => {
    if (optional && error instanceof MissingObjectError) return {};
    throw error;
  };
}

const there = (payload: Payload): LatePayload => () => Promise.resolve(payload);

/** Nobody may wait for it in the end. */
function onItsWay(payload: Promise<Payload>): LatePayload {
  payload.catch(() => undefined);
  return () => payload;
}

/** All errors are told at once. */
async function allOrErrors<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const parts = await Promise.allSettled(work);
  const reasons = parts.filter((part) => part.status === 'rejected').map(({ reason }) => reason as Error);
  if (reasons.length > 0) throw combined(reasons);
  return parts.flatMap((part) => (part.status === 'fulfilled' ? [part.value] : []));
}

function combined(errors: Error[]): Error {
  if (errors.length === 1 && errors[0]) return errors[0];
  return new AggregateError(errors, `[${[...new Set(errors.map(({ message }) => message))].join(', ')}]`);
}
