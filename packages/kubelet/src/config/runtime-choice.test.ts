import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseKubeletConfig } from '../config.ts';

const head = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
const endpoint = 'unix:///run/x.sock';
let folder: string;

beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'podling-choice-'))));
afterEach(() => rm(folder, { recursive: true }));

async function chosen(file: string, ...flags: string[]) {
  await writeFile(join(folder, 'kubelet.yaml'), head + file);
  return parseKubeletConfig(['--config', join(folder, 'kubelet.yaml'), ...flags]);
}

describe('the choice of a runtime', () => {
  it('is the native one where nothing is said', async () => {
    expect(await chosen('')).toMatchObject({ containerRuntime: 'native', containerdAddress: '/run/containerd/containerd.sock', warnings: [] });
  });

  it.each([
    ['a flag', '', ['--container-runtime-endpoint', endpoint]],
    ['the file', `containerRuntimeEndpoint: ${endpoint}\n`, []],
    ['a flag over the file', 'containerRuntimeEndpoint: unix:///run/other.sock\n', ['--container-runtime-endpoint', endpoint]],
  ])('[C3] is CRI where %s names an endpoint', async (_, file, flags) => {
    expect(await chosen(file, ...flags)).toMatchObject({ containerRuntime: 'remote', containerRuntimeEndpoint: endpoint, configuration: { containerRuntimeEndpoint: endpoint } });
  });

  it('takes images from elsewhere if it is told to', async () => {
    expect(await chosen(`containerRuntimeEndpoint: ${endpoint}\nimageServiceEndpoint: unix:///run/images.sock\n`)).toMatchObject({ imageServiceEndpoint: 'unix:///run/images.sock' });
    expect((await chosen(`containerRuntimeEndpoint: ${endpoint}\n`)).imageServiceEndpoint).toBeUndefined();
  });

  it('[C3] is CRI at an endpoint that is still to be found', async () => {
    const config = await chosen('', '--container-runtime=remote');
    expect(config.containerRuntime).toBe('remote');
    expect(config.containerRuntimeEndpoint).toBeUndefined();
  });

  const files = ['--container-runtime-tls-ca-file=/ca', '--container-runtime-tls-cert-file=/cert', '--container-runtime-tls-private-key-file=/key'];

  it.each([
    [['--container-runtime-endpoint=tcp://10.0.0.9:7000', ...files], { caFile: '/ca', certFile: '/cert', keyFile: '/key' }],
    [['--container-runtime-endpoint', endpoint, '--image-service-endpoint=tcp://10.0.0.9:7000', '--container-runtime-tls-ca-file=/ca'], { caFile: '/ca' }],
    [['--container-runtime-endpoint', endpoint], undefined],
  ])('takes TLS files to a TCP endpoint', async (flags, files) => expect((await chosen('', ...flags)).containerRuntimeTls).toEqual(files));

  it.each([
    ['a socket', ['--container-runtime-endpoint', endpoint, '--container-runtime-tls-ca-file=/nope'], /^--container-runtime-tls-ca-file is for a CRI runtime at tcp:\/\/HOST:PORT/],
    ['an endpoint that is still to be found', ['--container-runtime=remote', ...files], /^--container-runtime-tls-ca-file, --container-runtime-tls-cert-file, --container-runtime-tls-private-key-file are for/],
    ['the native runtime', ['--container-runtime-tls-private-key-file=/key'], /^--container-runtime-tls-private-key-file is for/],
    ['a server that nothing vouches for', ['--container-runtime-endpoint=tcp://127.0.0.1:7000', ...files.slice(1)], /take --container-runtime-tls-ca-file with them/],
  ])('takes no TLS files to %s', async (_, flags, message) => {
    await expect(chosen('', ...flags)).rejects.toThrow(message);
  });

  it('by flag leaves an endpoint in the file without effect, with a warning, and contradicts one by flag', async () => {
    expect(await chosen(`containerRuntimeEndpoint: ${endpoint}\n`, '--container-runtime=native')).toMatchObject({ containerRuntime: 'native', warnings: ['containerRuntimeEndpoint'] });
    await expect(chosen('', '--container-runtime=native', '--container-runtime-endpoint', endpoint)).rejects.toThrow(/use them with --container-runtime=remote, not native/);
  });
});
