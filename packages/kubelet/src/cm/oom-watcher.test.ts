import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeClock } from '@podling/shared/testing';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { OomWatcher, systemOomVictim } from './oom-watcher.ts';

const ofNode = '6,1200,33042820178,-;oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/kubepods/poda/web,task=tail, v2,pid=4711,uid=0\n';
const ofContainer = '6,1201,33042820179,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=a,mems_allowed=0,oom_memcg=/kubepods/poda/web,task_memcg=/kubepods/poda/web,task=tail,pid=4712,uid=0\n';

describe('systemOomVictim', () => {
  it.each([
    [ofNode, { name: 'tail, v2', pid: 4711 }],
    [ofContainer, undefined],
    ['6,1,2,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/,task_memcg=/,task=sh,pid=9,uid=0', { name: 'sh', pid: 9 }],
    ['6,83060,33042820178,-;cni0: port 2(veth) entered disabled state', undefined],
    ['4,1,2,-;a process that writes oom-kill:constraint=X,global_oom,task=sh,pid=1,uid=0', undefined],
  ])('reads %j', (record, victim) => {
    expect(systemOomVictim(record)).toEqual(victim);
  });
});

describe('OomWatcher', () => {
  const clock = new FakeClock();
  let watcher: OomWatcher | undefined;
  afterEach(() => watcher?.stop());

  it('tells of what comes after its start', async () => {
    const file = join(await tempDir(), 'kmsg');
    const told: string[] = [];
    await writeFile(file, ofNode);
    watcher = new OomWatcher({ file, clock, logger: pino({ level: 'silent' }), tell: (...event) => void told.push(event.join(' ')) });
    watcher.start();
    await clock.advance(5_000);
    await eventually(() => expect(clock.pendingTimers).toBe(1));
    await appendFile(file, ofContainer);
    await clock.advance(5_000);
    await eventually(() => expect(clock.pendingTimers).toBe(1));
    await appendFile(file, ofNode);
    await eventually(async () => {
      await clock.advance(5_000);
      expect(told).toEqual(['Warning SystemOOM System OOM encountered, victim process: tail, v2, pid: 4711']);
    });
  });

  it('says once that there is nothing to read', async () => {
    const lines: string[] = [];
    watcher = new OomWatcher({ file: '/nowhere/kmsg', clock, logger: pino({}, { write: (line) => void lines.push(line) }), tell: () => undefined });
    watcher.start();
    await clock.advance(5_000);
    await eventually(() => expect(lines).toHaveLength(1));
    await clock.advance(60_000);
    expect(lines[0]).toContain('cannot read the log of the kernel: no Event tells when the machine runs out of memory');
    expect(lines).toHaveLength(1);
  });
});
