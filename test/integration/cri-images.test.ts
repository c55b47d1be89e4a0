import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CriRuntime } from '@podling/cri';
import { createContainerdRuntime } from '@podling/cri/containerd';
import { createLogger } from '@podling/shared/util';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startContainerdNode } from '../harness/containerd-node.ts';
import type { ContainerdNode } from '../harness/containerd-node.ts';
import { CuttingProxy } from '../harness/cutting-proxy.ts';
import { eventually } from '../harness/eventually.ts';
import { buildNodeImages } from '../harness/node-images.ts';
import type { NodeImages } from '../harness/node-images.ts';
import { registryUser, startRegistry, writeHosts } from '../harness/registry.ts';
import type { Registry } from '../harness/registry.ts';

const MIDDLE = 300_000;

describe('pulling from a registry', () => {
  let images: NodeImages;
  let node: ContainerdNode;
  let runtime: CriRuntime;
  let plain: Registry;
  let locked: Registry;
  let proxy: CuttingProxy;
  let through: string;

  const hostsDir = (): string => join(node.folder, 'certs.d');
  const connect = (pullStallTimeoutMs = 60_000): CriRuntime =>
    createContainerdRuntime({ ...node, pauseImage: images.pause, logger: createLogger('test', 'silent'), registryHostsDirs: [hostsDir()], pullStallTimeoutMs });

  beforeAll(async () => {
    images = await buildNodeImages();
    node = await startContainerdNode({ archives: images.archives });
    const data = join(node.folder, 'data');
    plain = await startRegistry({ folder: join(node.folder, 'plain'), ip: node.hostIp, data });
    locked = await startRegistry({ folder: join(node.folder, 'locked'), ip: node.hostIp, data, tls: true, password: true });
    proxy = new CuttingProxy(plain.host);
    through = await proxy.listen(node.hostIp);
    await writeHosts(hostsDir(), plain.host, `server = "http://${plain.host}"\n[host."http://${plain.host}"]\n`);
    await writeHosts(hostsDir(), through, `server = "http://${through}"\n[host."http://${through}"]\n`);
    await writeHosts(hostsDir(), locked.host, `server = "https://${locked.host}"\n[host."https://${locked.host}"]\n  ca = "${locked.certFile}"\n`);
    await writeHosts(hostsDir(), 'docker.io', `server = "https://registry-1.docker.io"\n[host."http://${plain.host}"]\n  capabilities = ["pull", "resolve"]\n`);
    for (const name of ['tools/toolbox:7', 'library/toolbox:7']) {
      await node.nerdctl('tag', images.toolbox, `${plain.host}/${name}`);
      await node.nerdctl('--hosts-dir', hostsDir(), 'push', '--quiet', `${plain.host}/${name}`);
    }
    for (const name of (await node.ctr('images', 'list', '--quiet')).split('\n')) if (!name.includes('pause')) await node.ctr('images', 'rm', '--sync', name);
    runtime = connect();
  });
  afterEach(async () => {
    for (const { repoTags, repoDigests } of await runtime.listImages()) if (!repoTags.includes(images.pause)) await runtime.removeImage(repoTags[0] ?? repoDigests[0] ?? '');
    expect(readdirSync(join(node.stateDir, 'pulls'))).toEqual([]);
  });
  afterAll(async () => {
    await runtime.close();
    await proxy.close();
    await Promise.all([plain.stop(), locked.stop()]);
    await node.stop();
    await images.remove();
  });

  const failure = (promise: Promise<unknown>): Promise<{ code: string; message: string }> => promise.then(() => ({ code: 'none', message: '' }), (error: unknown) => error as { code: string; message: string });

  it('over plain HTTP, by tag and then by the digest that came with it', async () => {
    const reference = `${plain.host}/tools/toolbox:7`;
    const id = await runtime.pullImage(reference);
    const image = await runtime.imageStatus(reference);
    expect(image).toMatchObject({ id, repoTags: [reference] });
    const [digest = ''] = image?.repoDigests ?? [];
    expect(await runtime.imageStatus(digest)).toMatchObject({ id });
    await runtime.removeImage(reference);
    expect(await runtime.imageStatus(digest)).toBeUndefined();
    expect(await runtime.pullImage(digest.replace('@', ':7@'))).toBe(id);
    expect(await runtime.imageStatus(digest)).toMatchObject({ id, repoTags: [], repoDigests: [digest] });
  });

  it('over TLS with a password; without, or with a wrong one, it is refused', async () => {
    const reference = `${locked.host}/tools/toolbox:7`;
    const none = await failure(runtime.pullImage(reference));
    expect(none).toMatchObject({ code: 'ImagePull', message: expect.stringMatching(/authorization failed|401 Unauthorized|no basic auth credentials/) as string });
    const wrong = await failure(runtime.pullImage(reference, { auth: { ...registryUser, password: 'wrong' } }));
    expect(wrong).toMatchObject({ code: 'ImagePull', message: expect.stringMatching(/authorization failed|401 Unauthorized/) as string });
    expect(wrong.message).not.toContain('wrong');
    expect(await runtime.pullImage(reference, { auth: registryUser })).toMatch(/^sha256:/);
  });

  it('with a name that has no registry comes from the mirror', async () => {
    expect(await runtime.pullImage('toolbox:7')).toMatch(/^sha256:/);
    expect((await runtime.imageStatus('docker.io/library/toolbox:7'))?.repoTags).toEqual(['docker.io/library/toolbox:7']);
  });

  it('that has no such image says so', async () => {
    expect(await failure(runtime.pullImage(`${plain.host}/tools/none:1`))).toMatchObject({ code: 'ImagePull', message: expect.stringContaining('tools/none:1: not found') as string });
  });

  it('that is lost in mid-pull fails, and a retry succeeds', async () => {
    const reference = `${through}/tools/toolbox:7`;
    proxy.cut = { afterBytes: MIDDLE, how: 'reset' };
    expect(await failure(runtime.pullImage(reference))).toMatchObject({ code: 'ImagePull' });
    proxy.cut = undefined;
    expect(await runtime.pullImage(reference)).toMatch(/^sha256:/);
  });

  it('that falls silent in mid-pull is given up, and a retry succeeds', async () => {
    const reference = `${through}/tools/toolbox:7`;
    const impatient = connect(1_500);
    proxy.cut = { afterBytes: MIDDLE, how: 'silence' };
    expect(await failure(impatient.pullImage(reference))).toMatchObject({ code: 'ImagePull', message: expect.stringContaining('no progress for 1.5s') as string });
    await impatient.close();
    proxy.cut = undefined;
    expect(await runtime.pullImage(reference)).toMatch(/^sha256:/);
  });

  it('leaves nothing when its kubelet is killed: the next one ends the pull and removes its credentials', async () => {
    proxy.cut = { afterBytes: 0, how: 'silence' };
    const pulling = failure(runtime.pullImage(`${through}/tools/toolbox:7`, { auth: registryUser }));
    await eventually('nerdctl pulls', () => nerdctlPulls(through));
    expect(readdirSync(join(node.stateDir, 'pulls'))).toHaveLength(1);
    const next = connect();
    expect(readdirSync(join(node.stateDir, 'pulls'))).toEqual([]);
    expect(await pulling).toMatchObject({ code: 'ImagePull' });
    expect(await nerdctlPulls(through)).toBeUndefined();
    await next.close();
    proxy.cut = undefined;
  });

  it('is not on the command line with its password, and ends when it is not wanted any more', async () => {
    proxy.cut = { afterBytes: 0, how: 'silence' };
    const unwanted = new AbortController();
    const pulling = failure(runtime.pullImage(`${through}/tools/toolbox:7`, { auth: registryUser, signal: unwanted.signal }));
    const processes = await eventually('nerdctl pulls', () => nerdctlPulls(through));
    expect(processes.join('\n')).not.toMatch(/s3cret|puller/);
    unwanted.abort();
    expect(await pulling).toMatchObject({ code: 'ImagePull', message: expect.stringMatching(/: canceled$/) as string });
    expect(await nerdctlPulls(through)).toBeUndefined();
    proxy.cut = undefined;
  });
});

/** The command lines of pulls from a registry, if there are any. */
async function nerdctlPulls(registry: string): Promise<string[] | undefined> {
  const { stdout } = await execa('ps', ['-eo', 'args']);
  const lines = stdout.split('\n').filter((line) => line.includes('pull') && line.includes(`${registry}/`));
  return lines.length === 0 ? undefined : lines;
}
