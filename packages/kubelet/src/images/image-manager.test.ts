import { CriError, type CriErrorCode, type ImageService } from '@podling/cri';
import { buildPod, FakeClock } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { KeyedBackOff } from '../back-off/keyed-back-off.ts';
import { ImageManager } from './image-manager.ts';

function managerOf(code: CriErrorCode): ImageManager {
  const clock = new FakeClock();
  const images = { imageStatus: () => Promise.reject(new CriError(code, 'the blob is broken')) } as unknown as ImageService;
  const credentials = { of: () => Promise.resolve([]) };
  const pulled = { isAccessible: () => Promise.resolve(true) } as unknown as ConstructorParameters<typeof ImageManager>[0]['pulled'];
  return new ImageManager({ images, backOff: new KeyedBackOff({ clock, initialMs: 1, maxMs: 2 }), clock, credentials, pulled });
}

describe('ImageManager', () => {
  it.each([
    ['InvalidImageName', 'InvalidImageName', 'Warning InspectFailed: Failed to apply default image tag "x": the blob is broken'],
    ['Unknown', 'ImageInspectError', 'Warning Failed: Failed to inspect image "x": the blob is broken'],
  ] as const)('tells the user that an image cannot be looked at: %s', async (code, reason, event) => {
    const told: string[] = [];
    const container = { name: 'web', image: 'x' };
    const ensured = managerOf(code).ensureImageExists(buildPod({ spec: { containers: [container] } }), container, (...words) => void told.push(`${words[0]} ${words[1]}: ${words[2]}`), new AbortController().signal);
    await expect(ensured).rejects.toMatchObject({ name: 'ImageError', reason });
    expect(told).toEqual([event]);
  });

  it('passes on that the runtime does not answer', async () => {
    const container = { name: 'web', image: 'x' };
    const ensured = managerOf('Unavailable').ensureImageExists(buildPod({ spec: { containers: [container] } }), container, () => {}, new AbortController().signal);
    await expect(ensured).rejects.toMatchObject({ name: 'CriError', code: 'Unavailable' });
  });
});
