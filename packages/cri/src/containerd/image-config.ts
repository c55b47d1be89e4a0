import { CriError } from '../cri.ts';
import type { Image } from '../cri.ts';

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

export interface ImageConfig {
  process: ImageProcess;
  diffIds: string[];
}

export interface ImageManifest {
  /** Digest of the configuration. */
  config: string;
  /** Digests of the layers, the lowest first. */
  layers: string[];
  /** Configuration and layers together. */
  sizeBytes: number;
}

/** Of an image for several platforms. */
export interface ImageIndexEntry {
  digest: string;
  platform?: { architecture: unknown; os: unknown };
}

/** Undefined when the document is no index. Fails with `InvalidArgument`. */
export function imageIndex(document: unknown): ImageIndexEntry[] | undefined {
  const { manifests } = object(document, 'manifest');
  if (manifests === undefined) return undefined;
  return list(manifests, 'manifests').map((entry, index) => {
    const { digest, platform } = object(entry, `manifests[${index}]`);
    const described = platform === undefined ? {} : { platform: object(platform, 'platform') as NonNullable<ImageIndexEntry['platform']> };
    return { digest: string(digest, 'digest'), ...described };
  });
}

/** Fails with `InvalidArgument`. */
export function imageManifest(document: unknown): ImageManifest {
  const { config, layers } = object(document, 'manifest');
  const descriptors = [config, ...list(layers, 'layers')].map((descriptor) => object(descriptor, 'descriptor'));
  const sizeBytes = descriptors.reduce((sum, { size }) => sum + (typeof size === 'number' ? size : 0), 0);
  const layerDigests = descriptors.slice(1).flatMap(({ digest }) => (typeof digest === 'string' ? [digest] : []));
  return { config: string(descriptors[0]?.['digest'], 'config.digest'), layers: layerDigests, sizeBytes };
}

/** Reads an image's configuration, which whoever built the image wrote. Fails with `InvalidArgument`. */
export function imageConfig(document: unknown): ImageConfig {
  const { config, rootfs } = object(document, 'config');
  const process = object(config ?? {}, 'config.config');
  const text = (key: string): string => string(process[key] ?? '', key);
  const texts = (key: string): string[] => strings(process[key] ?? [], key);
  return {
    process: {
      entrypoint: texts('Entrypoint'), cmd: texts('Cmd'), env: texts('Env'),
      workingDir: text('WorkingDir'), user: text('User'), stopSignal: text('StopSignal'),
    },
    diffIds: strings(object(rootfs, 'rootfs')['diff_ids'] ?? [], 'diff_ids'),
  };
}

/** The USER of an image config without its group. */
export function imageUser(user: string): Image['user'] {
  const [name = ''] = user.split(':');
  if (name === '') return undefined;
  return /^[0-9]+$/.test(name) ? { uid: Number(name) } : { username: name };
}

function object(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw broken(`${name} is not an object`);
  return value as Record<string, unknown>;
}

function strings(value: unknown, name: string): string[] {
  return list(value, name).map((item, index) => string(item, `${name}[${index}]`));
}

function list(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw broken(`${name} is not a list`);
  return value;
}

/** runc hands every one of these to the kernel, for which a NUL ends it. */
function string(value: unknown, name: string): string {
  if (typeof value !== 'string') throw broken(`${name} is not a string`);
  if (value.includes('\0')) throw broken(`${name} has a NUL`);
  return value;
}

function broken(what: string): CriError {
  return new CriError('InvalidArgument', `the image's configuration is broken: ${what}`);
}
