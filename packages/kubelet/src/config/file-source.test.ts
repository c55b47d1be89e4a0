import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '@podling/shared/api';
import { FakeClock } from '@podling/shared/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { FileSource } from './file-source.ts';

let folder: string;
let clock: FakeClock;
let source: FileSource;
let looks: string[][];
let problems: Map<string, string>;

const manifest = (name: string, uid?: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, ...(uid === undefined ? {} : { uid }) }, spec: { containers: [{ name: 'main', image: 'i' }] } });

const put = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);

function start(path = folder): Promise<void> {
  source = new FileSource({
    path, clock, nodeName: 'n1', checkPeriodMs: 20_000, logger: pino({ level: 'silent' }),
    onPods: (pods: Pod[]) => looks.push(pods.map(({ metadata }) => metadata.name)),
    onProblem: (file, message) => problems.set(file.slice(folder.length + 1), message),
  });
  source.start();
  return source.waitForSync(AbortSignal.timeout(5_000));
}

/** As the clock moves on by itself: after a change, or with the next look. */
const shows = (names: string[]): Promise<void> => eventually(async () => {
  await clock.advance(100);
  expect(looks.at(-1)).toEqual(names);
});

beforeEach(async () => {
  folder = join(await tempDir(), 'manifests');
  await mkdir(folder);
  clock = new FakeClock();
  looks = [];
  problems = new Map();
});
afterEach(() => source.stop());

describe('FileSource', () => {
  it('gives the pods of all files that hold one, named after the node', async () => {
    await Promise.all([put('b.json', manifest('b')), put('a.yaml', 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: main, image: i}]}\n'), put('.hidden', manifest('hidden'))]);
    await start();
    expect([looks, problems.size]).toEqual([[['a-n1', 'b-n1']], 0]);
  });

  it('sees files come, change their names and go', async () => {
    await start();
    expect(looks).toEqual([[]]);
    await put('a', manifest('a'));
    await shows(['a-n1']);
    await rename(join(folder, 'a'), join(folder, '.a'));
    await shows([]);
    await put('b', manifest('b'));
    await shows(['b-n1']);
  });

  it('looks although something changes all the time', async () => {
    await Promise.all([put('a', manifest('a')), put('log', '')]);
    await start();
    await put('a', manifest('b'));
    for (let change = 0; change < 40; change += 1) {
      await put('log', `${change}`);
      await clock.advance(60);
    }
    await eventually(() => expect(looks.at(-1)).toEqual(['b-n1']));
  });

  it('is not hurt by what is no file, no pod, or too much, and tells of each once', async () => {
    await Promise.all([
      mkdir(join(folder, 'dir')), symlink('loop', join(folder, 'loop')), symlink('/dev/zero', join(folder, 'device')), symlink('good', join(folder, 'link')),
      put('broken', '{'), put('empty', ''), put('good', manifest('good')), put('huge', ''), put('node', manifest('x').replace('"Pod"', '"Node"')), put('twin', manifest('good')),
      put('invalid', manifest('Bad_Name')), put('uid', manifest('uid', '../../etc')), put('long', `a: [${'x, '.repeat(100_000)}]`),
    ]);
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await truncate(join(folder, 'huge'), 20 * 1024 * 1024);
    await start();
    expect(looks).toEqual([['good-n1']]);
    expect(Object.fromEntries(problems)).toMatchObject({
      broken: expect.stringContaining('couldn\'t parse as pod') as string, device: 'not a plain file', dir: 'not a plain file', empty: 'kind "" in version "" is no pod',
      huge: '20971520 bytes are more than the limit of 10485760', invalid: expect.stringContaining('metadata.name') as string, link: expect.stringContaining('is already defined by') as string,
      long: expect.stringContaining('limit for YAML') as string, loop: expect.stringContaining('ELOOP') as string, node: expect.stringContaining('is no pod') as string,
      pipe: 'not a plain file', twin: expect.stringContaining('pod default/good-n1 is already defined by') as string, uid: expect.stringContaining('is no UID') as string,
    });
    problems.clear();
    await clock.advance(20_000);
    await eventually(() => expect(looks).toHaveLength(2));
    expect(problems.size).toBe(0);
  });

  it('keeps what a file asked for last while it is broken', async () => {
    await put('a', manifest('a'));
    await start();
    await put('a', manifest('a').slice(0, 30));
    await eventually(async () => {
      await clock.advance(100);
      expect(problems.has('a')).toBe(true);
    });
    expect(looks.at(-1)).toEqual(['a-n1']);
    await rm(join(folder, 'a'));
    await shows([]);
  });

  it.each<[string, object, string]>([
    ['a secret', { volumes: [{ name: 'v', secret: { secretName: 's' } }] }, 'static pods may not reference secrets'],
    ['an account', { serviceAccountName: 'default' }, 'static pods may not reference serviceaccounts'],
    ['no container', { containers: [] }, 'spec.containers: Required value'],
  ])('refuses a pod with %s', async (_, spec, message) => {
    const pod = JSON.parse(manifest('a')) as Pod;
    await put('a', JSON.stringify({ ...pod, spec: { ...pod.spec, ...spec } }));
    await start();
    expect(looks).toEqual([[]]);
    expect(problems.get('a')).toContain(message);
  });

  it('takes one file for a folder of one, and a path that is not there for an empty folder', async () => {
    await put('a', manifest('a'));
    await start(join(folder, 'a'));
    expect(looks).toEqual([['a-n1']]);
    await source.stop();
    await start(join(folder, 'none'));
    expect(looks.at(-1)).toEqual([]);
  });

  it('gives one UID for one content, and another for another', async () => {
    const uids = new Set<string>();
    const read = async (text: string): Promise<void> => {
      await put('a', text);
      const own = new FileSource({
        path: folder, clock, nodeName: 'n1', checkPeriodMs: 1, logger: pino({ level: 'silent' }), onProblem: () => undefined,
        onPods: ([pod]) => uids.add(pod?.metadata.uid ?? ''),
      });
      own.start();
      await own.waitForSync(AbortSignal.timeout(5_000));
      await own.stop();
    };
    await read(manifest('a'));
    await read(JSON.stringify(JSON.parse(manifest('a')), undefined, 2));
    expect(uids.size).toBe(1);
    await read(manifest('a').replace('"i"', '"j"'));
    expect(uids.size).toBe(2);
    source = new FileSource({ path: folder, clock, nodeName: 'n1', checkPeriodMs: 1, logger: pino({ level: 'silent' }), onProblem: () => undefined, onPods: () => undefined });
  });
});
