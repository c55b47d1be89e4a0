import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './testing/eventually.ts';
import { KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

const locked = 'registry.example.com/team/web:1';
const pulls = (bench: KubeletBench): string[] => [...bench.events('Pulling'), ...bench.events('Pulled')];

describe("a pod's image", () => {
  let bench: KubeletBench;

  beforeEach(async () => {
    bench = new KubeletBench(await tempDir(), { delaysMs: { pullImage: 4_000 } });
    bench.runtime.lockPull(locked, 's3cret');
  });
  afterEach(() => bench.stop());

  const putSecret = (name: string, password: string): void => {
    const config = JSON.stringify({ auths: { 'registry.example.com/team': { username: 'u', password } } });
    const data = { '.dockerconfigjson': Buffer.from(config).toString('base64') };
    bench.server.secrets.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, type: 'kubernetes.io/dockerconfigjson', data });
  };
  const put = (name: string, image: string, secrets: string[] = []): void =>
    void bench.put({ containers: [{ name: 'web', image, imagePullPolicy: 'Always' }], imagePullSecrets: secrets.map((secret) => ({ name: secret })) }, name);

  it('is pulled with the credentials of its secrets, one after the other', async () => {
    await bench.start();
    putSecret('old', 'old');
    putSecret('good', 's3cret');
    put('web', locked, ['old', 'good']);
    await bench.within(1_000, () => expect(bench.pod().status?.phase).toBe('Running'));
    expect(bench.events('Failed')).toEqual([]);
  });

  it('whose secret is not there is tried without, and both are told', async () => {
    await bench.start();
    put('web', locked, ['absent']);
    await bench.within(1_000, () => expect(bench.web().state?.waiting).toMatchObject({ reason: 'ErrImagePull', message: expect.stringContaining('401 Unauthorized') as string }));
    expect(bench.events('FailedToRetrieveImagePullSecret')).toEqual(['Unable to retrieve some image pull secrets (absent); attempting to pull the image may not succeed.']);
    putSecret('absent', 's3cret');
    await bench.within(1_000, () => expect(bench.pod().status?.phase).toBe('Running'));
  });

  it('that took a secret is there for those who have it, and not for others', async () => {
    await bench.start();
    putSecret('good', 's3cret');
    putSecret('same', 's3cret');
    put('web', locked, ['good']);
    await bench.within(1_000, () => expect(bench.pod().status?.phase).toBe('Running'));
    const present = (name: string, imagePullPolicy: 'IfNotPresent' | 'Never', secrets: string[]): void =>
      void bench.put({ containers: [{ name: 'web', image: locked, imagePullPolicy }], imagePullSecrets: secrets.map((secret) => ({ name: secret })) }, name);
    present('member', 'IfNotPresent', ['same']);
    present('quiet', 'Never', ['good']);
    await bench.within(1_000, () => expect(['member', 'quiet'].map((name) => bench.pod(name).status?.phase)).toEqual(['Running', 'Running']));
    expect(bench.events('Pulled').slice(1)).toEqual(Array(2).fill(`Container image "${locked}" already present on machine and can be accessed by the pod`));
    present('stranger', 'IfNotPresent', []);
    present('never', 'Never', []);
    await bench.within(1_000, () => expect(bench.web('stranger').state?.waiting?.reason).toBe('ErrImagePull'));
    await bench.within(1_000, () => expect(bench.web('never').state?.waiting?.reason).toBe('ErrImageNeverPull'));
  });

  it('waits for its turn, and says how long', async () => {
    await bench.start();
    put('one', 'example.com/one:1');
    put('two', 'example.com/two:1');
    await eventually(() => expect(bench.events('Pulling')).toHaveLength(2));
    await bench.within(500, () => expect(bench.events('Pulled')).toHaveLength(2));
    const seconds = bench.events('Pulled').map((message) => /in ([\d.]+)s \(([\d.]+)s including waiting\)\. Image size: 1048576 bytes\.$/.exec(message)?.slice(1).map(Number));
    const [first = 0, second = 0] = seconds.map(([own = 0, withWait = 0] = []) => withWait - own);
    expect(second).toBeGreaterThanOrEqual(4);
    expect(second).toBeGreaterThan(first);
    expect(pulls(bench)).toHaveLength(4);
  });

  it.each([
    ['RegistryUnavailable', 'the registry is unavailable'],
    ['SignatureValidationFailed', 'the signature validation failed'],
  ])('that a runtime refuses with %s waits with that reason', async (reason, explanation) => {
    await bench.start();
    bench.runtime.failPull('example.com/one:1', `${reason}: it said so`);
    put('web', 'example.com/one:1');
    await bench.within(1_000, () => expect(bench.web().state?.waiting).toMatchObject({ reason, message: `image pull failed for example.com/one:1 because ${explanation}: it said so` }));
  });
});
