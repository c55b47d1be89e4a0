import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { FakeClock } from '@podling/shared/testing';
import { createLogger } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ContainerdClient } from './containerd-client.ts';
import type { ResolvedImage } from './image-store.ts';
import { PauseRoot } from './pause-root.ts';

const imageOf = (chainId: string): ResolvedImage => ({
  name: 'pause', id: chainId, chainId, process: { entrypoint: ['/pause'], cmd: [], env: [], user: '', workingDir: '', stopSignal: '' },
});

describe('the root of pause containers', () => {
  let folder: string;
  let root: PauseRoot;
  /** What containerd says, when it does. */
  let resolve: () => Promise<ResolvedImage>;
  let layers: string[];
  let calls: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'podling-pause-'));
    layers = [join(folder, 'layer')];
    mkdirSync(join(folder, 'layer'));
    writeFileSync(join(folder, 'layer/pause'), 'program');
    [resolve, calls] = [async () => imageOf('sha256:a'), []];
    const call = async (service: string, method: string): Promise<object> => {
      calls.push(`${service} ${method}`);
      return { mounts: layers.map((source) => ({ type: 'bind', source, target: '', options: [] })) };
    };
    root = new PauseRoot({
      client: { call } as unknown as ContainerdClient, images: { resolve: () => resolve() }, image: 'pause', folder: join(folder, 'roots'),
      clock: new FakeClock(), logger: createLogger('test', 'silent'),
    });
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const found = async (): Promise<string | undefined> => {
    const content = await root.content();
    return content && basename(content.rootPath);
  };

  it('is laid out once, with places for what is mounted', async () => {
    const contents = await Promise.all([root.content(), root.content()]);
    expect(new Set(contents.map((content) => content?.rootPath)).size).toBe(1);
    expect(readdirSync(contents[0]?.rootPath ?? '').toSorted()).toEqual(['dev', 'etc', 'pause', 'proc', 'sys']);
    expect(calls).toEqual(['leases create', 'snapshots prepare', 'snapshots remove', 'leases delete']);
  });

  it('is at hand once it was found, whatever containerd does', async () => {
    await found();
    resolve = () => new Promise(() => undefined);
    expect([await found(), await found()]).toEqual(['sha256-a', 'sha256-a']);
  });

  it('is that of a new image soon after', async () => {
    await found();
    resolve = async () => imageOf('sha256:b');
    expect(await found()).toBe('sha256-a');
    await vi.waitFor(async () => expect(await found()).toBe('sha256-b'));
  });

  it('is settled when what goes on behind is written', async () => {
    await found();
    resolve = async () => imageOf('sha256:b');
    await found();
    await root.settled();
    expect(readdirSync(join(folder, 'roots')).toSorted()).toEqual(['sha256-a', 'sha256-b']);
  });

  it('is laid out again where somebody removed it', async () => {
    const content = await root.content();
    rmSync(content?.rootPath ?? '', { recursive: true });
    expect(await found()).toBe('sha256-a');
    expect(existsSync(content?.rootPath ?? '')).toBe(true);
  });

  it('is none for an image that is not there, nor for one of several layers', async () => {
    resolve = async () => Promise.reject(new Error('not found'));
    expect(await found()).toBeUndefined();
    resolve = async () => imageOf('sha256:a');
    layers.push(join(folder, 'upper'));
    expect(await found()).toBeUndefined();
    layers.pop();
    expect(await found()).toBe('sha256-a');
  });
});
