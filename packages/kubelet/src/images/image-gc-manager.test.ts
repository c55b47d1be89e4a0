import type { Image } from '@podling/cri';
import { FakeClock } from '@podling/shared/testing';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { ImageGcManager, type ImageGcPolicy } from './image-gc-manager.ts';

const minute = 60_000;
let clock: FakeClock;
let present: Image[];
let inUse: string[];
let space: { capacityBytes: number; availableBytes: number };
let stuck: string[];
let told: string[];

const image = (id: string, sizeBytes: number, pinned = false): Image => ({ id, sizeBytes, pinned, repoTags: [id], repoDigests: [], user: undefined });

beforeEach(() => {
  clock = new FakeClock();
  [present, inUse, stuck, told] = [[], [], [], []];
  space = { capacityBytes: 1000, availableBytes: 100 };
});

const managerWith = (policy: Partial<ImageGcPolicy> = {}): ImageGcManager => new ImageGcManager({
  images: {
    listImages: async () => present,
    removeImage: async (id) => {
      if (stuck.includes(id)) throw new Error(`${id} is stuck`);
      present = present.filter((one) => one.id !== id);
    },
  },
  imagesInUse: async () => new Set(inUse),
  imageFs: async () => space,
  policy: { highThresholdPercent: 85, lowThresholdPercent: 80, minAgeMs: 2 * minute, maxAgeMs: 0, ...policy },
  onTrouble: (reason, message) => void told.push(`${reason}: ${message}`),
  clock, logger: pino({ level: 'silent' }),
});

const left = (): string[] => present.map(({ id }) => id);

describe('ImageGcManager', () => {
  it('frees down to the low threshold, the one first that was not used for longest', async () => {
    const manager = managerWith();
    present = [image('recent', 60), image('old', 60), image('older', 60), image('used', 500)];
    for (const used of [['older', 'used'], ['old', 'used'], ['recent', 'used'], ['used']]) {
      inUse = used;
      await manager.detectImages();
      await clock.advance(minute);
    }
    await manager.collectGarbage();
    expect(left()).toEqual(['recent', 'used']);
    expect([...manager.removed()]).toEqual([['space', 2]]);
  });

  it('does nothing below the high threshold', async () => {
    const manager = managerWith({ minAgeMs: 0 });
    present = [image('a', 500)];
    space.availableBytes = 160;
    await manager.collectGarbage();
    expect(left()).toEqual(['a']);
  });

  it('leaves what is in use, what is pinned, and what has just come, and says that it was not enough', async () => {
    const manager = managerWith();
    present = [image('pinned', 500, true), image('used', 500)];
    inUse = ['used'];
    await manager.detectImages();
    await clock.advance(2 * minute);
    present.push(image('new', 500));
    const message = "Insufficient free disk space on the node's image filesystem (90% of 1000 B used). Failed to free sufficient space by deleting unused images (freed 0 bytes). Investigate disk usage, as it could be used by active images, logs, volumes, or other data.";
    await expect(manager.collectGarbage()).rejects.toThrow(message);
    expect(told).toEqual([`FreeDiskSpaceFailed: ${message}`]);
    expect(left()).toEqual(['pinned', 'used', 'new']);
  });

  it('knows an image in use by its digest', async () => {
    const manager = managerWith({ minAgeMs: 0 });
    present = [{ ...image('sha256:1', 500), repoDigests: ['registry.local/app@sha256:9'] }, image('sha256:2', 60)];
    inUse = ['registry.local/app@sha256:9'];
    await manager.deleteUnusedImages();
    expect(left()).toEqual(['sha256:1']);
  });

  it('goes on after an image that stays, and says why', async () => {
    const manager = managerWith({ minAgeMs: 0 });
    present = [image('a', 60), image('b', 60), image('c', 60)];
    stuck = ['a'];
    await expect(manager.collectGarbage()).rejects.toThrow('wanted to free 100 bytes, but freed 120 bytes space with errors in image deletion: a is stuck');
    expect(left()).toEqual(['a']);
  });

  it('removes what was not used for the longest age, once it has run for so long itself', async () => {
    const manager = managerWith({ maxAgeMs: 10 * minute });
    space.availableBytes = 900;
    present = [image('unused', 1), image('lately', 1)];
    await manager.detectImages();
    await clock.advance(9 * minute);
    inUse = ['lately'];
    await manager.collectGarbage();
    expect(left()).toEqual(['unused', 'lately']);
    inUse = [];
    await clock.advance(2 * minute);
    present.push(image('just pulled', 1));
    await manager.collectGarbage();
    expect(left()).toEqual(['lately', 'just pulled']);
    expect([...manager.removed()]).toEqual([['age', 1]]);
  });

  it('deletes all that is unused when asked to', async () => {
    const manager = managerWith({ minAgeMs: 0 });
    space.availableBytes = 900;
    present = [image('a', 1), image('used', 1)];
    inUse = ['used'];
    await manager.deleteUnusedImages();
    expect(left()).toEqual(['used']);
  });

  it('tells of a file system without a capacity', async () => {
    space.capacityBytes = 0;
    await expect(managerWith().collectGarbage()).rejects.toThrow('invalid capacity 0 on image filesystem');
    expect(told).toEqual(['InvalidDiskCapacity: invalid capacity 0 on image filesystem']);
  });
});
