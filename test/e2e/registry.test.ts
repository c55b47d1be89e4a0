import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insideNode, nerdctlArgs } from '@podling/deploy/local';
import type { ClusterNode } from '@podling/deploy/local';
import { containerOf, isRunning, mustSucceed, podUntil, waitUntil } from '@podling/deploy/observe';
import { toolchainDir } from '@podling/shared/process';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CuttingProxy } from '../harness/cutting-proxy.ts';
import { applyPod, closeNamespace, e2eRuntime, e2eWorld, eventsOf, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';
import { busyboxArchive, registryUser, startRegistry, writeHosts } from '../harness/registry.ts';
import type { Registry } from '../harness/registry.ts';

const world = e2eWorld('registry');
/** containerd has its own words for it. */
const refusal = e2eRuntime === 'cri' ? /authorization failed|401 Unauthorized/ : /401 Unauthorized/;
// What the one pulls, the other has pushed: its own store does not hold it.
const [puller, pusher] = world.cluster.nodes as [ClusterNode, ClusterNode];
const ip = new URL(world.cluster.apiserverUrl).hostname;
const hostsDir = (node: ClusterNode): string => join(node.paths.kubeletRoot, 'certs.d');
let folder: string;
let plain: Registry;
let locked: Registry;
let proxy: CuttingProxy;
let through: string;

async function nerdctl(node: ClusterNode, ...args: string[]): Promise<void> {
  const [command, words] = insideNode(node.netns, [join(toolchainDir(), 'bin/nerdctl'), ...nerdctlArgs(node), '--hosts-dir', hostsDir(node), ...args]);
  await execa(command, words, { stdin: 'ignore' });
}

async function push(name: string, ballastBytes = 0): Promise<void> {
  const ref = `${plain.host}/${name}`;
  await nerdctl(pusher, 'load', '--input', await busyboxArchive(folder, ref, ballastBytes));
  await nerdctl(pusher, 'push', '--quiet', ref);
  await nerdctl(pusher, 'rmi', ref);
}

const plainHosts = (host: string): string => `server = "http://${host}"\n[host."http://${host}"]\n`;

/** As `kubectl create secret docker-registry` makes it. */
function pullSecret(name: string, password: string): object {
  const auths = { [locked.host]: { username: registryUser.username, password } };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': JSON.stringify({ auths }) } };
}

async function start(name: string, image: string, spec: Record<string, unknown> = {}, container: Record<string, unknown> = {}): Promise<void> {
  const parts = { spec: { nodeSelector: { 'kubernetes.io/hostname': puller.name }, ...spec }, container: { image, ...container } };
  await applyPod(world, toolboxPod(name, 'echo from the registry; sleep 1000', parts));
}

const waitingMessage = async (name: string): Promise<string> => {
  const failed = /^(ErrImagePull|ImagePullBackOff)$/;
  const pod = await podUntil(world, name, 'ErrImagePull', ({ status }) => failed.test(status?.containerStatuses?.[0]?.state?.waiting?.reason ?? ''));
  return pod.status?.containerStatuses?.[0]?.state?.waiting?.message ?? '';
};

const told = (pod: string, reason: string): Promise<string[]> =>
  waitUntil(`${reason} of ${pod}`, async () => { const found = await eventsOf(world, pod, reason); return found.length > 0 && found; }, { timeoutMs: 30_000 });

beforeAll(async () => {
  await openNamespace(world);
  folder = mkdtempSync(join(tmpdir(), 'podling-registry-'));
  const data = join(folder, 'data');
  plain = await startRegistry({ folder: join(folder, 'plain'), ip, data });
  locked = await startRegistry({ folder: join(folder, 'locked'), ip, data, tls: true, password: true });
  proxy = new CuttingProxy(plain.host);
  through = await proxy.listen(ip);
  for (const node of [puller, pusher]) await writeHosts(hostsDir(node), plain.host, plainHosts(plain.host));
  await writeHosts(hostsDir(puller), through, plainHosts(through));
  await writeHosts(hostsDir(puller), locked.host, `server = "https://${locked.host}"\n[host."https://${locked.host}"]\n  ca = "${locked.certFile}"\n`);
  await writeHosts(hostsDir(puller), 'docker.io', `server = "https://registry-1.docker.io"\n[host."http://${plain.host}"]\n  capabilities = ["pull", "resolve"]\n`);
  for (const name of ['tools/web:1', 'mirrored/web:1']) await push(name);
  await push('tools/large:1', 4_000_000);
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'puller' }, imagePullSecrets: [{ name: 'good' }] };
  for (const object of [pullSecret('good', registryUser.password), pullSecret('wrong', 'wrong'), account]) await mustSucceed(world.kubectl, ['apply', '-f', '-'], JSON.stringify(object));
  proxy.cut = { afterBytes: 1_000_000, how: 'reset' };
  await start('cut', `${through}/tools/large:1`);
});

afterAll(async () => {
  await proxy.close();
  await Promise.all([plain.stop(), locked.stop()]);
  for (const node of [puller, pusher]) rmSync(hostsDir(node), { recursive: true });
  rmSync(folder, { recursive: true });
  await closeNamespace(world);
});

describe('a registry', () => {
  it('[A5] over plain HTTP gives an image that is not on the node, once: afterwards it is there', async () => {
    const image = `${plain.host}/tools/web:1`;
    await start('pulled', image);
    const pod = await podUntil(world, 'pulled', 'Running', isRunning);
    expect(containerOf(pod).image).toContain('tools/web:1');
    expect(await mustSucceed(world.kubectl, ['logs', 'pulled'])).toContain('from the registry');
    expect((await told('pulled', 'Pulled')).join('\n')).toMatch(/Successfully pulled image ".*" in \S+ \(\S+ including waiting\)\. Image size: \d+ bytes\./);
    await start('again', image);
    await podUntil(world, 'again', 'Running without a pull', isRunning);
    expect(await told('again', 'Pulled')).toEqual([`Container image "${image}" already present on machine and can be accessed by the pod`]);
    expect(await eventsOf(world, 'again', 'Pulling')).toEqual([]);
  });

  it('[A5] that has no such image gives ErrImagePull with its answer', async () => {
    await start('absent', `${plain.host}/tools/none:1`);
    expect(await waitingMessage('absent')).toContain('tools/none:1');
  });

  it('[A5] over TLS with a password gives its images to pods that show it: by a secret of their own or of their account', async () => {
    const image = `${locked.host}/tools/web:1`;
    const always = { imagePullPolicy: 'Always' };
    await start('secret', image, { imagePullSecrets: [{ name: 'wrong' }, { name: 'good' }] }, always);
    await start('account', image, { serviceAccountName: 'puller' }, always);
    await start('wrong', image, { imagePullSecrets: [{ name: 'wrong' }] }, always);
    await start('missing', image, { imagePullSecrets: [{ name: 'nobody' }] }, always);
    for (const name of ['secret', 'account']) await podUntil(world, name, 'Running', isRunning);
    await start('stranger', image);
    await start('member', image, { imagePullSecrets: [{ name: 'good' }] });
    for (const name of ['wrong', 'missing', 'stranger']) expect(await waitingMessage(name)).toMatch(refusal);
    expect(await told('missing', 'FailedToRetrieveImagePullSecret')).toEqual(['Unable to retrieve some image pull secrets (nobody); attempting to pull the image may not succeed.']);
    await podUntil(world, 'member', 'Running without a pull', isRunning);
    await Promise.all([told('member', 'Started'), told('wrong', 'Failed')]);
    expect(await eventsOf(world, 'member', 'Pulling')).toEqual([]);
    expect(await eventsOf(world, 'wrong', 'FailedToRetrieveImagePullSecret')).toEqual([]);
  });

  it('[A5] that is a mirror serves names without a registry', async () => {
    await start('mirrored', 'mirrored/web:1');
    await podUntil(world, 'mirrored', 'Running', isRunning);
  });

  it('[A5] that is lost in mid-pull gives ErrImagePull, and the image once it is back', async () => {
    expect(await waitingMessage('cut')).toContain('failed to pull and unpack image');
    proxy.cut = undefined;
    await podUntil(world, 'cut', 'Running', isRunning);
  });
});
