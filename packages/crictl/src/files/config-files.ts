import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { MessageFileError, readMessageFile } from '@podling/cri/v1';
import type { ContainerConfig, PodSandboxConfig, Sent } from '@podling/cri/v1';
import { systemProblem } from '@podling/shared/file-problem';
import { CommandError, doing } from '../report.ts';

const MAX_BYTES = 4 * 1024 * 1024;

type Warn = (message: string) => void;

/** A pod's file, JSON or YAML, with a uid of its own where it has none. What CRI has not is said by `warn`, and left out. */
export async function readPodFile(path: string, warn: Warn): Promise<Sent<PodSandboxConfig>> {
  return doing('load podSandboxConfig', async () => {
    const config = (await readConfig('PodSandboxConfig', path, warn)) as Sent<PodSandboxConfig>;
    return { ...config, metadata: podMetadata(config) };
  });
}

function podMetadata({ metadata }: Sent<PodSandboxConfig>): NonNullable<Sent<PodSandboxConfig>['metadata']> {
  if (!metadata) throw new CommandError('metadata is not set');
  if (!metadata.name || !metadata.namespace) throw new CommandError(`name or namespace is not in metadata ${JSON.stringify(metadata)}`);
  return { ...metadata, uid: metadata.uid || randomUUID() };
}

/** A container's file, JSON or YAML. */
export async function readContainerFile(path: string, warn: Warn): Promise<Sent<ContainerConfig> & { image: { image: string } }> {
  const config = (await readConfig('ContainerConfig', path, warn)) as Sent<ContainerConfig>;
  const { metadata, image } = config;
  if (!metadata) throw new CommandError('metadata is not set');
  if (!metadata.name) throw new CommandError(`name is not in metadata ${JSON.stringify(metadata)}`);
  if (!image) throw new CommandError('image is not set');
  if (!image.image) throw new CommandError(`image field is not set in image ${JSON.stringify(image)}`);
  return { ...config, image: { ...image, image: image.image, userSpecifiedImage: image.userSpecifiedImage || image.image } };
}

async function readConfig(name: string, path: string, warn: Warn): Promise<object> {
  const document = await parse(path, read(path));
  try {
    const { message, unknown } = readMessageFile(name, document);
    for (const field of unknown) warn(`${path}: ${name} has no ${field}, it is left out`);
    return message;
  } catch (cause) {
    if (!(cause instanceof MessageFileError)) throw cause;
    throw new CommandError(`${path}: ${cause.message}`, { cause });
  }
}

function read(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > MAX_BYTES) throw new CommandError(`config at ${path} is larger than ${MAX_BYTES} bytes`);
    return text;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw new CommandError(`config at ${path} not found`, { cause });
    if (cause instanceof CommandError) throw cause;
    throw new CommandError(`read ${path}: ${systemProblem(cause)}`, { cause });
  }
}

/** YAML is slow to load, and most files are JSON. */
async function parse(path: string, text: string): Promise<unknown> {
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      // Perhaps the YAML that looks so.
    }
  }
  const { parseYaml } = await import('@podling/shared/yaml');
  try {
    return parseYaml(Buffer.from(text)).value;
  } catch (cause) {
    throw new CommandError(`${path}: ${(cause as Error).message}`, { cause });
  }
}
