import { describe, expect, it } from 'vitest';
import { CriError } from '../cri.ts';
import type { ContainerdClient } from './containerd-client.ts';
import type { ContainerdImage } from './containerd-types.ts';
import { ImageStore } from './image-store.ts';
import type { Pulls } from './pulls.ts';

const image = (name: string, digest: string): ContainerdImage => ({ name, labels: {}, target: { mediaType: '', digest, size: '1' } });
const config = `sha256:${'c'.repeat(64)}`;
const content: Record<string, object> = {
  'sha256:good': { config: { digest: config, size: 1 }, layers: [{ size: 2 }] },
  [config]: { rootfs: { diff_ids: [] } },
};

/** A containerd with these images, of which only `content` has arrived. */
function storeOf(images: ContainerdImage[], onRead: (digest: string) => void = () => undefined): ImageStore {
  const get = (name: string): Promise<object> => {
    const found = images.find((candidate) => candidate.name === name);
    return found ? Promise.resolve({ image: found }) : Promise.reject(new CriError('NotFound', name));
  };
  async function* read(digest: string): AsyncGenerator<{ data: Buffer }> {
    onRead(digest);
    if (content[digest] === undefined) throw Object.assign(new Error(digest), { code: 5, details: `content ${digest}: not found` });
    yield { data: Buffer.from(JSON.stringify(content[digest])) };
  }
  const client = {
    call: (_service: string, method: string, request: { name: string }) => (method === 'get' ? get(request.name) : Promise.resolve({ images })),
    stream: (_service: string, _method: string, { digest }: { digest: string }) => read(digest),
  };
  return new ImageStore(client as unknown as ContainerdClient, {} as Pulls, 'pause:1');
}

describe('ImageStore', () => {
  const store = storeOf([image('docker.io/library/part:1', 'sha256:missing'), image('docker.io/library/web:1', 'sha256:good'), image('docker.io/library/web:2', 'sha256:good')]);

  it('finds an image beside one that came only in part', async () => {
    const found = await store.imageStatus('web:1');
    expect(found).toMatchObject({ id: config, sizeBytes: 3, repoTags: ['docker.io/library/web:1', 'docker.io/library/web:2'] });
    expect(await store.imageStatus(config)).toEqual(found);
    expect(await store.listImages()).toEqual([found]);
  });

  it('marks what the runtime itself needs, whatever it is called besides', async () => {
    const names = ['docker.io/library/other:1', 'docker.io/library/pause:1'];
    const pinned = storeOf(names.map((name) => image(name, 'sha256:good')));
    expect(await pinned.listImages()).toEqual([expect.objectContaining({ repoTags: names, pinned: true })]);
    expect(await pinned.imageStatus('other:1')).toMatchObject({ pinned: true });
    expect(await store.listImages()).toEqual([expect.objectContaining({ pinned: false })]);
  });

  it('reads what an image is made of once, and keeps nothing of one that has gone', async () => {
    const [images, read] = [[image('docker.io/library/web:1', 'sha256:good')], [] as string[]];
    const watched = storeOf(images, (digest) => read.push(digest));
    for (let count = 0; count < 2; count += 1) await watched.listImages();
    expect(read).toEqual(['sha256:good', config]);
    const [gone] = images.splice(0);
    await watched.listImages();
    if (gone !== undefined) images.push(gone);
    await watched.listImages();
    expect(read).toHaveLength(4);
  });

  it('says what is missing of the image that is asked for', async () => {
    await expect(store.imageStatus('part:1')).rejects.toMatchObject({ name: 'CriError', code: 'NotFound' });
  });
});
