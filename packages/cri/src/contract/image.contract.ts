import { describe, expect, it } from 'vitest';
import { errorCode } from './scene.ts';
import type { Scene } from './scene.ts';

export function imageContract(scene: () => Scene): void {
  describe('images', () => {
    it('[A5] are found by name and by id, and are undefined when they are not there', async () => {
      const image = await scene().runtime.imageStatus(scene().fixture.images.toolbox);
      expect(image?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(image?.repoTags).toContain(scene().fixture.images.toolbox);
      expect(image?.sizeBytes).toBeGreaterThan(0);
      expect(await scene().runtime.imageStatus(image?.id ?? '')).toEqual(image);
      expect(await scene().runtime.imageStatus('podling.local/absent:1')).toBeUndefined();
      expect((await scene().runtime.listImages()).map(({ id }) => id)).toContain(image?.id);
    });

    it('with a name that is none are refused as such', async () => {
      expect(await errorCode(scene().runtime.imageStatus('UPPER/case:1:2'))).toBe('InvalidImageName');
      expect(await errorCode(scene().runtime.pullImage('a b'))).toBe('InvalidImageName');
    });

    it('that cannot be pulled fail with the reason', async () => {
      expect(await errorCode(scene().runtime.pullImage('127.0.0.1:9/absent/image:1'))).toBe('ImagePull');
    });

    it('are removed any number of times', async () => {
      await scene().runtime.removeImage('podling.local/absent:1');
      await scene().runtime.removeImage('podling.local/absent:1');
    });
  });
}
