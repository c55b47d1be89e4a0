import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, nodeOf, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eRuntime, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';
import { KubectlUser, upstreamKubectls } from '../harness/upstream-kubectl.ts';

const world = e2eWorld('logs');
const image = 'podling.local/toolbox:1';
const labels = { app: 'talk' };
const say = (name: string, script: string): object => ({ name, image, command: ['sh', '-c', script] });
const counting = 'i=0; while true; do echo $i; i=$((i+1)); sleep 0.1; done';
/** Two and a half times what is kept in one file; once and a half where the kubelet rotates, which compresses what is older, and that is not read. */
const muchLines = e2eRuntime === 'cri' ? 15_000 : 25_000;
const much = `i=0; x=$(head -c 1000 /dev/zero | tr '\\0' x); while [ $i -lt ${muchLines} ]; do echo $i $x; i=$((i+1)); done; sleep 1000`;
const logPath = (pod: string): string => `/api/v1/namespaces/${world.namespace}/pods/${pod}/log`;

beforeAll(async () => {
  await openNamespace(world);
  await applyPod(world, toolboxPod('talk', '', { labels, spec: { initContainers: [say('first', 'echo from first')], containers: [say('main', counting), say('other', "head -c 40000 /dev/zero | tr '\\0' y; echo end; sleep 1000")] } }));
  await applyPod(world, toolboxPod('fails', 'echo oops >&2; exit 1'));
  await applyPod(world, toolboxPod('much', much));
  await applyPod(world, toolboxPod('never', '', { spec: { containers: [{ name: 'main', image: 'podling.local/nowhere:1', imagePullPolicy: 'Never' }] } }));
  await podUntil(world, 'talk', 'Running', isRunning);
  await podUntil(world, 'fails', 'started again', ({ status }) => status?.containerStatuses?.[0]?.lastState?.terminated !== undefined);
  await podUntil(world, 'much', 'Running', isRunning);
  await waitUntil('all is said', async () => (await world.client.rest.requestText({ path: logPath('much'), query: { tailLines: 1 } })).startsWith(`${muchLines - 1} `), { timeoutMs: 30_000 });
});

afterAll(() => closeNamespace(world));

const numbers = (text: string): number[] => text.trimEnd().split('\n').map((line) => Number.parseInt(line));
const upTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index);

const binaries = [
  ['ours', join(import.meta.dirname, '../../bin/kubectl')],
  ['the upstream', upstreamKubectls.oldest],
] as const;

describe.each(binaries)('%s kubectl logs', (_whose, binary) => {
  const user = new KubectlUser(binary, world.cluster.kubeconfigPath);
  user.inNamespace(world.namespace);
  afterAll(() => user.leave());

  it('prints what was said: of one container, of all, of a selection, of a time, of the run before', async () => {
    const defaulted = await user.run(['logs', 'talk', '--limit-bytes=2']);
    expect(defaulted).toEqual({ exitCode: 0, stdout: '0', stderr: 'Defaulted container "main" out of: main, other, first (init)' });
    expect(await user.say('logs', 'talk', 'first')).toBe('from first');
    expect(await user.say('logs', 'talk', '-c', 'other')).toBe(`${'y'.repeat(40_000)}end`);
    expect(await user.say('logs', 'talk', '-c', 'other', '--tail=1')).toBe(`${'y'.repeat(40_000)}end`);
    const selected = await user.say('logs', '-l', 'app=talk', '--all-containers', '--prefix', '--tail=1');
    expect(selected.split('\n').map((line) => line.slice(0, 25)).toSorted()).toEqual(['[pod/talk/first] from fir', expect.stringMatching(/^\[pod\/talk\/main\] \d+$/), `[pod/talk/other] ${'y'.repeat(8)}`]);
    const stamped = await user.say('logs', 'talk', '-c', 'main', '--timestamps', '--tail=20');
    const [time = ''] = stamped.split(' ', 1);
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(Z|[+-]\d\d:\d\d)$/);
    const since = await user.say('logs', 'talk', '-c', 'main', `--since-time=${new Date(time).toISOString().replace(/\.\d+/, '')}`, '--timestamps');
    expect(Date.parse(since.split(' ', 1)[0] ?? '')).toBeGreaterThanOrEqual(Math.floor(Date.parse(time) / 1000) * 1000);
    expect(await user.say('logs', 'fails', '--previous')).toBe('oops');
  });

  it('prints a log that was rotated as one, to the last line', async () => {
    expect(numbers(await user.say('logs', 'much'))).toEqual(upTo(muchLines));
    expect(numbers(await user.say('logs', 'much', `--tail=${muchLines - 3_000}`))).toEqual(upTo(muchLines - 3_000, 3_000));
  });

  it('follows', async () => {
    const following = user.start(['logs', '-f', 'talk', '-c', 'main', '--tail=1']);
    let text = '';
    following.stdout?.on('data', (chunk) => (text += String(chunk)));
    await waitUntil('ten lines', async () => text.split('\n').length > 10, { timeoutMs: 20_000 });
    following.kill('SIGINT');
    await following;
    const [first = 0, ...more] = numbers(text);
    expect(more).toEqual(upTo(more.length, first + 1));
  });

  it('says why there is nothing to print', async () => {
    expect(await user.fail('logs', 'never')).toMatch(/^Error from server \(BadRequest\): container "main" in pod "never" is waiting to start: (ErrImageNeverPull|ContainerCreating)$/);
    expect(await user.fail('logs', 'talk', '-c', 'main', '--previous')).toBe('Error from server (BadRequest): previous terminated container "main" in pod "talk" not found');
    expect(await user.fail('logs', 'talk', '-c', 'nobody')).toContain('container nobody is not valid for pod talk');
    expect(await user.fail('logs', 'nobody')).toContain('pods "nobody" not found');
  });
});

describe('a log that many follow', () => {
  /** Of the kubelet: what it has open of the logs of this file. */
  function openLogs(pids: readonly number[]): string[] {
    const links = pids.flatMap((pid) => readdirSync(`/proc/${pid}/fd`).map((fd) => join(`/proc/${pid}/fd`, fd)));
    const targets = links.flatMap((link) => {
      try {
        return [readlinkSync(link)];
      } catch {
        return [];
      }
    });
    return targets.filter((target) => target.includes(`/${world.namespace}_`) && target.includes('.log'));
  }

  it('comes to each in order, past one that does not read, and nothing of them stays', async () => {
    const pids = world.cluster.nodes.map(({ kubelet }) => kubelet.pid ?? 0);
    const gone = new AbortController();
    const follow = (pod: string, query: Record<string, number | string>): Promise<AsyncIterable<Uint8Array>> =>
      world.client.rest.stream({ path: logPath(pod), query: { follow: true, ...query }, accept: '*/*', timeoutMs: 0, signal: gone.signal });
    const stuck = (await follow('much', {}))[Symbol.asyncIterator]();
    await stuck.next();
    const streams = await Promise.all(Array.from({ length: 30 }, () => follow('talk', { container: 'main', tailLines: 1 })));
    const texts = await Promise.all(streams.map(async (stream) => {
      let text = '';
      for await (const chunk of stream) if ((text += Buffer.from(chunk).toString()).split('\n').length > 10) break;
      return numbers(text);
    }));
    for (const [first = 0, ...more] of texts) expect(more).toEqual(upTo(more.length, first + 1));
    expect(openLogs(pids)).not.toEqual([]);
    gone.abort(new Error('enough'));
    await waitUntil('all are gone', async () => openLogs(pids).length === 0, { timeoutMs: 20_000 });
    await stuck.return?.().catch(() => undefined);
  });

  it('ends for its follower when the container has ended', async () => {
    await applyPod(world, toolboxPod('brief', 'for i in 0 1 2; do echo $i; sleep 0.3; done', { spec: { restartPolicy: 'Never' } }));
    const pod = await podUntil(world, 'brief', 'Running or done', ({ status }) => status?.phase === 'Running' || status?.phase === 'Succeeded');
    expect(nodeOf(world, pod).name).not.toBe('');
    expect(numbers(await world.client.rest.requestText({ path: logPath('brief'), query: { follow: true } }))).toEqual([0, 1, 2]);
  });
});
