import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { namespaceOf, uidOf, type ConfigMap, type Pod, type Secret, type Volume } from '@podling/shared/api';
import { missingObject, type PodObjects } from '../objects/pod-objects.ts';
import type { ObjectReference, ObjectWatches, ReferredObject } from '../objects/object-watches.ts';
import type { TokenManager } from '../objects/token-manager.ts';
import type { PodPaths, VolumePlugin } from '../runtime/pod-paths.ts';
import type { NodeAllocatable } from '../runtime/resource-field.ts';
import { isWritten, writeAtomically } from './atomic-writer.ts';
import type { Payload } from './file-projection.ts';
import type { Mounter } from './mounter.ts';
import { nestedMountPoints } from './nested-mount-points.ts';
import { giveToGroup, openToAll } from './ownership.ts';
import { Projections } from './projected-sources.ts';
import { objectReferences, tokensIn } from './volume-references.ts';

export interface FileVolumesOptions {
  paths: PodPaths;
  mounter: Mounter;
  /** Reads objects that nobody watches yet. */
  objects: Pick<PodObjects, 'configMap' | 'secret'>;
  /** Has them at hand as they are, or were last seen. */
  watches: ObjectWatches;
  tokens: Pick<TokenManager, 'token' | 'adopt' | 'dueMs' | 'forgetPod'>;
  nodeAllocatable: NodeAllocatable;
}

type FileVolumePlugin = Exclude<VolumePlugin, 'empty-dir'>;

/**
 * The volumes that are made of files from the API: configMap, secret, downwardAPI, projected. Each is set up when its
 * pod starts, and written anew, as a whole, when what it is made of has changed.
 */
export class FileVolumes {
  readonly #options: FileVolumesOptions;
  readonly #fresh: Projections;
  readonly #watched: Projections;

  constructor(options: FileVolumesOptions) {
    this.#options = options;
    const { nodeAllocatable, tokens, objects, watches } = options;
    // A watch is as fresh as a read a moment ago; whether there is none of that name is asked.
    const read = (pod: Pod, { kind, name }: ObjectReference): Promise<ReferredObject> => (kind === 'configmap' ? objects.configMap(pod, name) : objects.secret(pod, name));
    const fresh = foundBy(async (pod, reference) => watches.live(reference) ?? read(pod, reference));
    const watched = foundBy(async (_, reference) => watches.get(reference) ?? Promise.reject(missingObject(reference.kind, reference.name)));
    this.#fresh = new Projections({ nodeAllocatable, tokens, objects: fresh });
    this.#watched = new Projections({ nodeAllocatable, tokens, objects: watched });
  }

  /** Those of a pod. */
  of({ spec }: Pod): Volume[] {
    return (spec.volumes ?? []).filter((volume) => pluginOf(volume) !== undefined);
  }

  /** What a running pod has already, stays as it is when it cannot be read anew: its containers must restart. */
  async prepare(pod: Pod, volume: Volume): Promise<() => Promise<string>> {
    const path = this.#pathOf(pod, volume);
    const unlessWritten = async (error: unknown): Promise<undefined> => {
      if (!(await isWritten(path))) throw error;
    };
    const late = await this.#fresh.begin(pod, volume).catch(unlessWritten);
    return async () => {
      const payload = await late?.().catch(unlessWritten);
      return payload === undefined ? path : this.#setUp(pod, volume, payload);
    };
  }

  /** Brings the files up to what is known now; what is not known yet is left for later. */
  async refresh(pod: Pod, volume: Volume): Promise<void> {
    const { watches } = this.#options;
    if (!objectReferences(pod, volume).every((reference) => watches.isKnown(reference))) return;
    await this.#write(pod, volume, await this.#watched.read(pod, volume));
  }

  /** Whether the volume has been set up, by an earlier kubelet too; takes over the tokens in it. */
  async find(pod: Pod, volume: Volume): Promise<boolean> {
    const path = this.#pathOf(pod, volume);
    if (!(await isWritten(path))) return false;
    for (const token of tokensIn(volume)) {
      const text = await readFile(join(path, token.path), 'utf8').catch(() => '');
      this.#options.tokens.adopt(pod, token.wish, text);
    }
    return true;
  }

  /** When the next token of the pod is to be renewed; infinite without one. */
  dueMs(pod: Pod): number {
    const wishes = this.of(pod).flatMap(tokensIn).map(({ wish }) => this.#options.tokens.dueMs(pod, wish));
    return Math.min(...wishes);
  }

  async #setUp(pod: Pod, volume: Volume, payload: Payload): Promise<string> {
    const path = this.#pathOf(pod, volume);
    await mkdir(path, { recursive: true });
    // Secrets and tokens never reach the disk.
    if (pluginOf(volume) !== 'configmap') await this.#options.mounter.mountTmpfs(path, 0n);
    await openToAll(path);
    for (const folder of nestedMountPoints(pod, volume.name)) await mkdir(join(path, folder), { recursive: true });
    await this.#write(pod, volume, payload);
    return path;
  }

  async #write(pod: Pod, volume: Volume, payload: Payload): Promise<void> {
    const path = this.#pathOf(pod, volume);
    const fsGroup = pod.spec.securityContext?.fsGroup;
    await writeAtomically(path, payload, async () => {
      if (fsGroup !== undefined) await giveToGroup(path, fsGroup, true);
    });
  }

  #pathOf(pod: Pod, volume: Volume): string {
    return this.#options.paths.volume(uidOf(pod), pluginOf(volume) ?? 'projected', volume.name);
  }
}

function pluginOf({ configMap, secret, downwardAPI, projected }: Volume): FileVolumePlugin | undefined {
  if (configMap) return 'configmap';
  if (secret) return 'secret';
  if (downwardAPI) return 'downward-api';
  return projected ? 'projected' : undefined;
}

function foundBy(find: (pod: Pod, reference: ObjectReference) => Promise<ReferredObject>): Pick<PodObjects, 'configMap' | 'secret'> {
  const referTo = (kind: ObjectReference['kind'], pod: Pod, name: string): Promise<ReferredObject> => find(pod, { kind, namespace: namespaceOf(pod), name });
  return {
    configMap: (pod, name) => referTo('configmap', pod, name) as Promise<ConfigMap>,
    secret: (pod, name) => referTo('secret', pod, name) as Promise<Secret>,
  };
}
