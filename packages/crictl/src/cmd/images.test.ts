import { stripVTControlCharacters } from 'node:util';
import { CriError } from '@podling/cri';
import type { Ingest } from '@podling/cri/containerd-tools';
import { describe, expect, it } from 'vitest';
import { Bench } from '../testing/bench.ts';

const patient = { timeout: 10_000 };

describe('crictl images', () => {
  it('lists them by name, with what is asked for', async () => {
    const bench = await Bench.open({ images: ['podling.local/b:1', 'podling.local/a:2'] });
    const rows = (await bench.run('images', '--digests', '--pinned')).split('\n').map((row) => row.split(/ {2,}/));
    expect(rows).toEqual([
      ['IMAGE', 'TAG', 'DIGEST', 'IMAGE ID', 'SIZE', 'PINNED'],
      ['podling.local/a', '2', '<none>', expect.stringMatching(/^[0-9a-f]{13}$/), '1.05MB', 'false'],
      ['podling.local/b', '1', '<none>', expect.stringMatching(/^[0-9a-f]{13}$/), '1.05MB', 'false'],
    ]);
    expect((await bench.run('image', '-q')).split('\n')).toHaveLength(2);
    expect(await bench.run('img', '-q', 'podling.local/a:2')).toMatch(/^sha256:/);
    expect((await bench.run('images', '-f', 'reference=/a')).split('\n')).toHaveLength(2);
    expect((await bench.run('images', '-f', 'since=podling.local/b:1')).split('\n')[1]).toMatch(/^podling\.local\/a/);
    expect((await bench.run('images', '-f', 'before=podling.local/a:2')).split('\n')[1]).toMatch(/^podling\.local\/b/);
    expect((await bench.run('images', '-f', 'dangling=true')).split('\n')).toHaveLength(1);
    expect((await bench.answer(['images', '-f', 'odd=1'])).stderr).toContain('unknown filter flag: odd=1');
    expect((await bench.answer(['images', '-f', 'reference=('])).exitCode).toBe(1);
  });

  it('go by name, all at once, or when nobody uses them', async () => {
    const bench = await Bench.open({ images: ['podling.local/a:1', 'podling.local/b:1', 'podling.local/toolbox:1'] });
    await bench.container(await bench.pod('web'), 'web', 'main');
    expect(await bench.run('rmi', 'podling.local/a:1')).toBe('Deleted: podling.local/a:1');
    expect((await bench.answer(['rmi', 'podling.local/a:1'])).stderr).toContain('no such image podling.local/a:1');
    expect(await bench.run('rmi', '--prune')).toBe('Deleted: podling.local/b:1');
    expect(await bench.run('rmi', '--all')).toBe('Deleted: podling.local/toolbox:1');
    expect(await bench.answer(['rmi', '-a'])).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('No images to remove') as string });
  });
});

describe('crictl pull', () => {
  it('says what is there then, and what is wrong', async () => {
    const bench = await Bench.open({ images: [] });
    expect(await bench.run('pull', 'podling.local/new:1')).toMatch(/^Image is up to date for sha256:[0-9a-f]{64}$/);
    bench.runtime.failPull('podling.local/bad:1', 'no such thing');
    expect((await bench.answer(['pull', 'podling.local/bad:1'])).stderr).toContain('pulling image: rpc error: code = Unknown desc = no such thing');
    expect((await bench.answer(['pull', '--pull-timeout', '-1', 'podling.local/new:1'])).stderr).toContain('timeout should be bigger than 0');
    expect((await bench.answer(['pull', '--pull-timeout', 'soon', 'podling.local/new:1'])).stderr).toContain('invalid duration');
    expect((await bench.answer(['pull', '--progress', 'loud', 'podling.local/new:1'])).stderr).toContain('one of auto, tty, plain, none');
  });

  it('says who it is, and shows a password to nobody', async () => {
    const bench = await Bench.open({ images: [] });
    bench.runtime.lockPull('podling.local/locked:1', 's3cret');
    expect((await bench.answer(['pull', 'podling.local/locked:1'])).exitCode).toBe(1);
    expect(await bench.run('pull', '--creds', 'me:s3cret', 'podling.local/locked:1')).toContain('up to date');
    expect(await bench.run('pull', '--auth', Buffer.from('me:s3cret').toString('base64'), 'podling.local/locked:1')).toContain('up to date');
    const asked = await bench.answer(['pull', '--username', 'me', 'podling.local/locked:1'], async (io) => void io.stdin.end('s3cret\n'));
    expect(asked).toMatchObject({ exitCode: 0, stderr: 'Enter Password:\n' });
    expect((await bench.answer(['pull', '--creds', 'a', '--auth', 'b', 'podling.local/locked:1'])).stderr).toContain('are specified');
  });

  it.each(['plain', 'tty'])('shows what is fetched (%s)', async (mode) => {
    const bench = await Bench.open({ images: [], delaysMs: { pullImage: 1_000 } });
    const others: Ingest = { ref: 'layer-sha256:0000', bytes: 1, totalBytes: 2 };
    let ingests: Ingest[] = [others];
    const old = { digest: 'sha256:old', sizeBytes: 1, createdAtMs: 0, labels: {} };
    let blobs = [old];
    bench.tools = { ingests: async () => ingests, blobs: async () => blobs, close: () => undefined };
    const { stderr } = await bench.answer(['pull', '--progress', mode, 'podling.local/new:1'], async (io) => {
      io.errColumns = 66;
      await expect.poll(() => io.stderr, patient).toContain('podling.local/new:1: ');
      ingests = [others, { ref: `layer-sha256:${'ab'.repeat(32)}`, bytes: 500_000, totalBytes: 1_000_000 }];
      await expect.poll(async () => {
        await bench.clock.advance(100);
        return io.stderr;
      }, patient).toMatch(/abab/);
      ingests = [others];
      blobs = [old, { ...old, digest: `sha256:${'ab'.repeat(32)}` }, { ...old, digest: `sha256:${'cd'.repeat(32)}`, sizeBytes: 426 }];
      await bench.clock.advance(2_000);
    });
    if (mode === 'plain') expect(stderr).toMatch(/^podling.local\/new:1: pulling\npodling.local\/new:1: layer-sha256:(ab)+: fetching 1MB\npodling.local\/new:1: layer-sha256:(ab)+: done\npodling.local\/new:1: sha256:(cd)+: done 426B\n$/);
    else {
      expect([stderr.includes('layer abababababab |+++++++++++++++---------------| 500kB/1MB'), stderr.includes('  cdcdcdcdcdcd |')]).toEqual([true, true]);
      // A line as wide as the terminal would take two, and the next picture begin one too low.
      expect(Math.max(...stderr.split('\n').map((line) => stripVTControlCharacters(line).length))).toBe(65);
    }
    expect(stderr).not.toMatch(/0000|old/);
  });
});

describe('crictl with containerd alone', () => {
  it('says so where the runtime is another', async () => {
    const bench = await Bench.open();
    for (const words of [['namespaces'], ['image', 'check'], ['content', 'ls'], ['plugins'], ['image', 'mount', 'a', 'b']]) {
      expect((await bench.answer(words)).stderr).toContain("this asks containerd's own API: name its socket");
    }
  });

  it('says so where another answers', async () => {
    const bench = await Bench.open();
    bench.tools = { reach: () => Promise.reject(new CriError('Unimplemented', 'unknown service')), close: () => undefined };
    expect((await bench.answer(['namespaces'])).stderr).toMatch(/this asks containerd's own API: name its socket, .* \(fake:\/\/ serves none\)/);
  });

  it('prints what it has', async () => {
    const bench = await Bench.open();
    const gone = { type: 'io.containerd.snapshotter.v1', id: 'zfs', platforms: [], error: 'path must be a zfs filesystem: skip plugin' };
    bench.tools = {
      close: () => undefined,
      namespaces: async () => [{ name: 'podling', labels: { a: 'b' } }],
      plugins: async () => [{ ...gone, id: 'overlayfs', platforms: ['linux/amd64'], error: undefined }, gone, { ...gone, id: 'broken', error: 'no' }],
      blobs: async () => [{ digest: 'sha256:1', sizeBytes: 1500, createdAtMs: bench.clock.now() - 3_600_000, labels: {} }],
      async *blob(digest) {
        yield Buffer.from(digest);
      },
    };
    expect(await bench.run('ns')).toMatch(/^NAME +LABELS\npodling +a=b$/);
    expect((await bench.run('plugins')).split('\n').map((row) => row.split(/ {2,}/)[3])).toEqual(['STATUS', 'ok', 'skip', 'error']);
    expect((await bench.run('content', 'ls')).split('\n')[1]?.split(/ {2,}/)).toEqual(['sha256:1', '1.5kB', 'About an hour', '-']);
    expect(await bench.run('content', 'get', 'sha256:1')).toBe('sha256:1');
  });
});

describe('a file of a pod or container', () => {
  it.each<[string, string, string]>([
    ['without metadata', 'hostname: a\n', 'metadata is not set'],
    ['without a name', 'metadata: { namespace: a }\n', 'name or namespace is not in metadata'],
    ['with text for a number', 'metadata: { name: a, namespace: b }\nport_mappings: [{ container_port: http }]\n', 'port_mappings[0].container_port: a whole number is wanted'],
    ['with an enum that there is not', 'metadata: { name: a, namespace: b }\nport_mappings: [{ protocol: ICMP }]\n', 'one of TCP (0), UDP (1), SCTP (2) is wanted'],
    ['that is a list', '- a\n', 'the file: an object is wanted'],
    ['that is broken', 'a: [\n', 'pod.yaml: error converting YAML to JSON: Flow sequence in block collection must be sufficiently indented and end with a ] at line 2, column 1"\n'],
  ])('%s is refused with its place', async (_, content, message) => {
    const bench = await Bench.open();
    expect((await bench.answer(['runp', await bench.file('pod.yaml', content)])).stderr).toContain(message);
  });

  it('is read in CRI\'s names or in camelCase, and what CRI has not is told', async () => {
    const bench = await Bench.open();
    const { exitCode, stdout, stderr } = await bench.answer(['runp', await bench.file('pod.yaml', 'metadata: { name: a, namespace: b, uid: c }\nlogDirectory: /logs\nlinux: { sysctls: { net.ipv4.ip_forward: "1" }, windows: {} }\nlabels: { some_key: x }\n')]);
    expect([exitCode, stderr.includes('PodSandboxConfig has no linux.windows')]).toEqual([0, true]);
    expect(bench.runtime.sandboxConfig(stdout.trim())).toMatchObject({ logDirectory: '/logs', sysctls: { 'net.ipv4.ip_forward': '1' }, labels: { some_key: 'x' } });
  });

  it('that is not there is said so', async () => {
    const bench = await Bench.open();
    expect((await bench.answer(['runp', '/nonexistent.json'])).stderr).toContain('load podSandboxConfig: config at /nonexistent.json not found');
    expect((await bench.answer(['runp', bench.folder])).stderr).toContain(`load podSandboxConfig: read ${bench.folder}: is a directory`);
  });
});
