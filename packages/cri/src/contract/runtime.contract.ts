import { describe, expect, it } from 'vitest';
import type { Scene } from './scene.ts';

export function runtimeContract(scene: () => Scene): void {
  describe('runtime', () => {
    it('says what it is', async () => {
      const version = await scene().runtime.version();
      expect(version.runtimeName).not.toBe('');
      expect(version.runtimeVersion).toMatch(/\d/);
      expect(version.runtimeApiVersion).toBe('v1');
    });

    it('says that it and the network are ready', async () => {
      const { conditions } = await scene().runtime.status();
      expect(conditions.map(({ type, status }) => [type, status])).toEqual([['RuntimeReady', true], ['NetworkReady', true]]);
    });
  });
}
