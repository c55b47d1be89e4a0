import { createHash } from 'node:crypto';
import { tarArchive } from './tar-archive.ts';
import type { TarEntry } from './tar-archive.ts';

/** What an image is made of: its file system and the process it starts. */
export interface ImageContent {
  ref: string;
  /** The lowest layer. */
  files: TarEntry[];
  /** Layers over it, each over the one before. */
  upperLayers?: TarEntry[][];
  entrypoint?: string[];
  cmd?: string[];
  env?: string[];
  workingDir?: string;
  user?: string;
  exposedPorts?: string[];
  stopSignal?: string;
  /** Fields that replace those of the configuration (OCI image-spec, config), whatever they are. */
  configuration?: Record<string, unknown>;
}

const types = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
};

const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', ia32: '386' };

interface Blob {
  mediaType: string;
  digest: string;
  bytes: Buffer;
}

/**
 * Builds an OCI image archive (OCI image layout in a tar) that also carries docker's `manifest.json`, so that
 * `ctr images import`, `nerdctl load` and `docker load` all read it. Equal content gives equal bytes.
 */
export async function ociArchive(content: ImageContent): Promise<Buffer> {
  const archives = await Promise.all([content.files, ...(content.upperLayers ?? [])].map((files) => tarArchive(files)));
  const layers = archives.map((bytes) => blob(types.layer, bytes));
  const config = blob(types.config, json({ ...imageConfig(content, layers), ...content.configuration }));
  const manifest = blob(
    types.manifest,
    json({ schemaVersion: 2, mediaType: types.manifest, config: descriptor(config), layers: layers.map(descriptor) }),
  );
  return tarArchive([
    { type: 'file', name: 'oci-layout', data: '{"imageLayoutVersion":"1.0.0"}' },
    { type: 'file', name: 'index.json', data: json(imageIndex(content.ref, manifest)) },
    { type: 'file', name: 'manifest.json', data: json(dockerManifest(content.ref, config, layers)) },
    { type: 'directory', name: 'blobs' },
    { type: 'directory', name: 'blobs/sha256' },
    ...[manifest, config, ...layers].map((part): TarEntry => ({ type: 'file', name: pathOf(part), data: part.bytes })),
  ]);
}

function imageConfig(content: ImageContent, layers: Blob[]): object {
  return {
    created: '1970-01-01T00:00:00Z',
    architecture: architectures[process.arch] ?? process.arch,
    os: 'linux',
    config: {
      User: content.user,
      ExposedPorts: content.exposedPorts && Object.fromEntries(content.exposedPorts.map((port) => [port, {}])),
      Env: content.env ?? ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Entrypoint: content.entrypoint,
      Cmd: content.cmd,
      WorkingDir: content.workingDir ?? '/',
      StopSignal: content.stopSignal,
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history: layers.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'podling deploy/images' })),
  };
}

function imageIndex(ref: string, manifest: Blob): object {
  const annotations = { 'io.containerd.image.name': ref, 'org.opencontainers.image.ref.name': ref.slice(ref.lastIndexOf(':') + 1) };
  const platform = { architecture: architectures[process.arch] ?? process.arch, os: 'linux' };
  return { schemaVersion: 2, mediaType: types.index, manifests: [{ ...descriptor(manifest), annotations, platform }] };
}

function dockerManifest(ref: string, config: Blob, layers: Blob[]): object {
  return [{ Config: pathOf(config), RepoTags: [ref], Layers: layers.map(pathOf) }];
}

function blob(mediaType: string, bytes: Buffer): Blob {
  return { mediaType, bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

function descriptor(part: Blob): object {
  return { mediaType: part.mediaType, digest: part.digest, size: part.bytes.length };
}

function pathOf(part: Blob): string {
  return `blobs/${part.digest.replace(':', '/')}`;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
