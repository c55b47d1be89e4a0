import type { ServiceError } from '@grpc/grpc-js';
import { CriError } from '../cri.ts';
import { criErrorOf } from './containerd-client.ts';
import type { ContainerdClient } from './containerd-client.ts';
import { imageIndex, imageManifest } from './image-config.ts';
import type { ImageManifest } from './image-config.ts';

const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', ia32: '386' };
const READ_DEADLINE_MS = 10_000;
/** Of a manifest or a configuration; a registry takes no larger manifest. */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

/** The documents of images in containerd's content store. Fails with `NotFound`, or `InvalidArgument` for one that is broken. */
export class ImageContent {
  readonly #client: Pick<ContainerdClient, 'stream' | 'address'>;

  constructor(client: Pick<ContainerdClient, 'stream' | 'address'>) {
    this.#client = client;
  }

  /** Of an image, this machine's where it is for several. Fails with `ImageNotPresent` where there is none for it. */
  async manifest(digest: string): Promise<ImageManifest> {
    const document = await this.json(digest);
    const index = imageIndex(document);
    if (index === undefined) return imageManifest(document);
    const architecture = architectures[process.arch] ?? process.arch;
    const entry = index.find(({ platform }) => platform === undefined || (platform.os === 'linux' && platform.architecture === architecture));
    if (entry === undefined) throw new CriError('ImageNotPresent', `image index ${digest} has no manifest for linux/${architecture}`);
    return imageManifest(await this.json(entry.digest));
  }

  async json(digest: string): Promise<unknown> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const stream = this.#client.stream('content', 'read', { digest }, { deadlineMs: READ_DEADLINE_MS });
    try {
      for await (const { data } of stream as AsyncIterable<{ data: Uint8Array }>) {
        chunks.push(data);
        if ((bytes += data.length) > MAX_DOCUMENT_BYTES) throw new CriError('InvalidArgument', `the image's document ${digest} is larger than ${MAX_DOCUMENT_BYTES} bytes`);
      }
    } catch (error) {
      if (error instanceof CriError) throw error;
      throw criErrorOf(error as ServiceError, 'content.read', this.#client.address);
    }
    return parsed(Buffer.concat(chunks), digest);
  }
}

function parsed(document: Buffer, digest: string): unknown {
  try {
    return JSON.parse(document.toString('utf8'));
  } catch (cause) {
    throw new CriError('InvalidArgument', `the image's document ${digest} is no JSON`, { cause });
  }
}
