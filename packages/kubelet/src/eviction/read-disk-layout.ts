import { stat } from 'node:fs/promises';
import type { ImageService } from '@podling/cri';
import type { DiskLayout } from './disk-layout.ts';

/**
 * How images and writable layers lie beside the kubelet's own folder. What cannot be looked at, as on a runtime in
 * memory, counts as lying with the rest. Upstream twins: `HasDedicatedImageFs`, `HasDedicatedContainerFs`.
 */
export async function readDiskLayout(images: Pick<ImageService, 'imageFsInfo'>, rootDir: string): Promise<DiskLayout> {
  const [{ imageFilesystem, containerFilesystem }, { dev: node }] = await Promise.all([images.imageFsInfo(), stat(rootDir)]);
  const device = (path: string): Promise<number> => stat(path).then(({ dev }) => dev, () => node);
  const [image, container] = await Promise.all([device(imageFilesystem.mountpoint), device(containerFilesystem.mountpoint)]);
  if (image === node) return 'shared';
  return container === node ? 'splitImageFs' : 'dedicatedImageFs';
}
