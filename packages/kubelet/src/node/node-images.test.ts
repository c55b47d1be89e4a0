import type { Image } from '@podling/cri';
import { FakeClock } from '@podling/shared/testing';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { NodeImages } from './node-images.ts';

const imageOf = (name: string, sizeBytes: number, tags = 1): Image => ({
  id: `sha256:${name}`, repoDigests: [`${name}@sha256:0`], repoTags: Array.from({ length: tags }, (_, index) => `${name}:${index}`), sizeBytes, user: undefined, pinned: false,
});
let clock: FakeClock;
let present: Image[] | undefined;
let lists: number;
const create = (maxImages = 50) =>
  new NodeImages({
    clock, maxImages, logger: pino({ level: 'silent' }),
    images: {
      listImages: async () => {
        lists += 1;
        if (present === undefined) throw new Error('away');
        return present;
      },
    },
  });

beforeEach(() => {
  [clock, present, lists] = [new FakeClock(), [imageOf('small', 1), imageOf('large', 100, 9), imageOf('middle', 10)], 0];
});

describe('NodeImages', () => {
  it('are the largest ones, with a few of their names', async () => {
    expect((await create(2).latest()).map(({ names, sizeBytes }) => [names, sizeBytes])).toEqual([
      [['large@sha256:0', 'large:0', 'large:1', 'large:2', 'large:3'], 100],
      [['middle@sha256:0', 'middle:0'], 10],
    ]);
    expect([await create(-1).latest(), await create(0).latest()].map(({ length }) => length)).toEqual([3, 0]);
  });

  it('are listed twice a minute at most', async () => {
    const images = create();
    for (let second = 0; second < 60; second += 10, await clock.advance(10_000)) await images.latest();
    expect(lists).toBe(2);
  });

  it('stay as they were while the runtime does not tell', async () => {
    const images = create();
    await images.latest();
    present = undefined;
    await clock.advance(60_000);
    expect(await images.latest()).toHaveLength(3);
  });
});
