import { describe, expect, it } from 'vitest';
import { imageConfig, imageIndex, imageManifest } from './image-config.ts';

const empty = { entrypoint: [], cmd: [], env: [], workingDir: '', user: '', stopSignal: '' };

describe('image configuration', () => {
  it('gives what a container takes over', () => {
    const config = { Entrypoint: ['/entry'], Cmd: null, Env: ['A=1'], WorkingDir: '/work', User: 'web', StopSignal: 'SIGINT' };
    expect(imageConfig({ config, rootfs: { diff_ids: ['sha256:a'] } })).toEqual({
      process: { entrypoint: ['/entry'], cmd: [], env: ['A=1'], workingDir: '/work', user: 'web', stopSignal: 'SIGINT' },
      diffIds: ['sha256:a'],
    });
    expect(imageConfig({ rootfs: {} })).toEqual({ process: empty, diffIds: [] });
  });

  it.each([
    ['config is not an object', 7],
    ['config is not an object', null],
    ['config.config is not an object', { config: [], rootfs: {} }],
    ['Entrypoint is not a list', { config: { Entrypoint: '/bin/sh' }, rootfs: {} }],
    ['Cmd[1] is not a string', { config: { Cmd: ['a', { b: 1 }] }, rootfs: {} }],
    ['Env[0] has a NUL', { config: { Env: ['A=\0'] }, rootfs: {} }],
    ['User is not a string', { config: { User: 1000 }, rootfs: {} }],
    ['rootfs is not an object', {}],
    ['diff_ids is not a list', { rootfs: { diff_ids: 'sha256:a' } }],
  ])('is refused: %s', (message, document) => {
    expect(() => imageConfig(document)).toThrow(`the image's configuration is broken: ${message}`);
  });
});

describe('image manifest', () => {
  it('names the configuration and the size of all', () => {
    expect(imageManifest({ config: { digest: 'sha256:c', size: 1 }, layers: [{ size: 2, digest: 'sha256:l' }, { size: 'huge' }] })).toEqual({ config: 'sha256:c', layers: ['sha256:l'], sizeBytes: 3 });
  });

  it.each([
    ['manifest is not an object', []],
    ['layers is not a list', { config: { digest: 'sha256:c' } }],
    ['descriptor is not an object', { layers: [] }],
    ['config.digest is not a string', { config: {}, layers: [] }],
  ])('is refused: %s', (message, document) => {
    expect(() => imageManifest(document)).toThrow(message);
  });

  it('of several platforms is an index', () => {
    const platform = { os: 'linux', architecture: 'amd64' };
    expect(imageIndex({ manifests: [{ digest: 'sha256:m', platform }] })).toEqual([{ digest: 'sha256:m', platform }]);
    expect(imageIndex({ layers: [] })).toBeUndefined();
    expect(() => imageIndex({ manifests: [7] })).toThrow('manifests[0] is not an object');
  });
});
