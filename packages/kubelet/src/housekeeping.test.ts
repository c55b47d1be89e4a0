import { mkdir } from 'node:fs/promises';
import type { Pod } from '@podling/shared/api';
import { FakeClock } from '@podling/shared/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Housekeeping } from './housekeeping.ts';
import { createPodPaths, type PodPaths } from './runtime/pod-paths.ts';
import type { RuntimePod } from './runtime/runtime.ts';
import { eventually } from './testing/eventually.ts';
import { tempDir } from './testing/temp-dir.ts';

const podOf = (uid: string): RuntimePod => ({ uid, name: uid, namespace: 'default', sandboxes: [], containers: [] });

describe('Housekeeping', () => {
  const clock = new FakeClock();
  const removed: string[] = [];
  const cgroups = {
    present: new Set<string>(), populated: new Set<string>(), stuck: '',
    listUids: async () => [...cgroups.present],
    remove: async (uid: string) => removeCgroup(uid),
    removeEmpty: async (uid: string) => !cgroups.populated.has(uid) && (removeCgroup(uid), true),
  };
  const removeCgroup = (uid: string): void => {
    if (uid === cgroups.stuck) throw new Error('EBUSY');
    cgroups.present.delete(uid);
  };
  let answer: () => Promise<RuntimePod[]>;
  let housekeeping: Housekeeping;
  let paths: PodPaths;
  const known = new Set<string>();

  beforeEach(async () => {
    const root = await tempDir();
    paths = createPodPaths(root, `${root}/logs`);
    await Promise.all([paths.podsRoot, paths.logRoot].map((folder) => mkdir(folder, { recursive: true })));
    answer = async () => [];
    for (const uids of [cgroups.present, cgroups.populated, known]) uids.clear();
    const workers = { has: (uid: string) => known.has(uid), removeOrphan: ({ metadata }: Pod) => void removed.push(metadata.uid ?? '') };
    housekeeping = new Housekeeping({ statuses: { listPods: () => answer() }, pods: { get: () => undefined }, workers, paths, cgroups, clock, logger: pino({ level: 'silent' }), tearDownVolumes: async () => undefined });
  });
  afterEach(() => housekeeping.stop());

  it('looks again for what shows up while it looks', async () => {
    const listed = Promise.withResolvers<RuntimePod[]>();
    answer = () => listed.promise;
    housekeeping.start();
    await clock.advance(0);
    answer = async () => [podOf('late')];
    housekeeping.soon();
    await clock.advance(1_000);
    expect(removed).toEqual([]);
    listed.resolve([]);
    await eventually(async () => {
      await clock.advance(10);
      expect(removed).toEqual(['late']);
    });
  });

  it('removes cgroups that belong to nobody, and tries again with one that is stuck', async () => {
    answer = async () => [podOf('running')];
    cgroups.stuck = 'stuck';
    for (const uid of ['stuck', 'gone', 'running']) cgroups.present.add(uid);
    await mkdir(paths.podDir('stuck'));
    housekeeping.start();
    await clock.advance(0);
    await eventually(() => expect([...cgroups.present]).toEqual(['stuck', 'running']));
    cgroups.stuck = '';
    await eventually(async () => {
      await clock.advance(1_000);
      expect([...cgroups.present]).toEqual(['running']);
    });
  });

  it('ends processes of its own pods alone, also where another kubelet has pods at the same place', async () => {
    for (const uid of ['ours', 'theirs']) {
      cgroups.present.add(uid);
      cgroups.populated.add(uid);
    }
    await mkdir(paths.podDir('ours'));
    housekeeping.start();
    await clock.advance(0);
    await eventually(() => expect([...cgroups.present]).toEqual(['theirs']));
  });

  it('leaves a pod alone that comes back while another cgroup is removed', async () => {
    for (const uid of ['first', 'back']) {
      cgroups.present.add(uid);
      await mkdir(paths.podDir(uid));
    }
    const { remove } = cgroups;
    cgroups.remove = async (uid) => {
      known.add('back');
      await remove(uid);
    };
    housekeeping.start();
    await clock.advance(0);
    await eventually(() => expect([...cgroups.present]).toEqual(['back']));
    await housekeeping.stop();
    expect([...cgroups.present]).toEqual(['back']);
  });
});
