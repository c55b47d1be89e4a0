import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock, settle } from '@podling/shared/testing';
import { createLogger, systemClock } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CriError } from '../cri.ts';
import type { ContainerRecord } from './container-record.ts';
import { ContainerService } from './container-service.ts';
import type { ContainerServiceOptions } from './container-service.ts';
import { RecordStore } from './record-store.ts';

const record = (id: string): ContainerRecord => ({
  id, podSandboxId: 'sandbox', imageId: '', logPath: '', cgroupsPath: '', stopSignal: 15, createdAtMs: 0, startedAtMs: 0,
  config: { metadata: { name: 'main', attempt: 0 }, image: '', labels: {}, annotations: {}, tty: false, stdin: false },
});

const execs = { recover: () => Promise.resolve(), forget: () => undefined };

describe('ContainerService', () => {
  let folder: string;
  let records: RecordStore<ContainerRecord>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'podling-records-'));
    records = new RecordStore(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** On a containerd whose list of containers is empty; `whileListing` happens before the answer is there. */
  function service(whileListing: () => void): ContainerService {
    const call = (name: string, method: string): Promise<unknown> => {
      if (name === 'containers' && method === 'list') whileListing();
      return Promise.resolve({ containers: [] });
    };
    const tasks = { list: () => Promise.resolve(new Map()) };
    const options = { client: { call }, tasks, execs, records, clock: systemClock, logger: createLogger('test', 'silent') };
    return new ContainerService(options as unknown as ContainerServiceOptions);
  }

  /** On a containerd where every container has ended, with a log process that gives no answer but this error. */
  function serviceWithoutLogs(error: CriError): { containers: ContainerService; deleted: string[] } {
    const deleted: string[] = [];
    const tasks = {
      wasRunning: () => false,
      get: (id: string) => Promise.resolve(deleted.includes(id) ? undefined : { id, status: 'STOPPED', exitStatus: 3, pid: 1 }),
      list: () => Promise.resolve(new Map([['ended', {}]])),
      delete: (id: string) => Promise.resolve(void deleted.push(id)),
    };
    const logs = { request: () => Promise.reject(error) };
    const client = { call: () => Promise.resolve({ containers: [] }) };
    const options = { client, tasks, execs, logs, records, clock: systemClock, logger: createLogger('test', 'silent') };
    return { containers: new ContainerService(options as unknown as ContainerServiceOptions), deleted };
  }

  it.each(['Unknown', 'Unavailable', 'DeadlineExceeded'] as const)('removes a container whose log cannot be read: %s', async (code) => {
    records.write('ended', record('ended'));
    const { containers, deleted } = serviceWithoutLogs(new CriError(code, 'no log'));
    await containers.remove('ended');
    expect(deleted).toEqual(['ended']);
    expect(records.values()).toEqual([]);
  });

  it('reaps a container whose log is refused, and keeps its task while there is no log process to ask', async () => {
    records.write('ended', record('ended'));
    const lost = serviceWithoutLogs(new CriError('Unavailable', 'no log process'));
    await expect(lost.containers.reap('ended')).rejects.toMatchObject({ code: 'Unavailable' });
    expect(lost.deleted).toEqual([]);
    const refused = serviceWithoutLogs(new CriError('Unknown', 'ENOTDIR'));
    await refused.containers.reap('ended');
    expect(refused.deleted).toEqual(['ended']);
    expect(records.get('ended')?.exit).toMatchObject({ exitCode: 3 });
  });

  it('has an end on record as soon as it is told of, by the process that was seen to run', async () => {
    records.write('ended', { ...record('ended'), startedAtMs: 1 });
    const clock = new FakeClock();
    const deleted: string[] = [];
    const tasks = {
      wasRunning: (id: string, pid: number) => id === 'ended' && pid === 7,
      get: (id: string) => Promise.resolve(deleted.includes(id) ? undefined : { id, status: 'STOPPED', exitStatus: 3, pid: 7 }),
      delete: (id: string) => Promise.resolve(void deleted.push(id)),
    };
    const asked: string[] = [];
    const logs = { request: ({ op }: { op: string }) => Promise.resolve(void asked.push(op)) };
    const options = { client: {}, tasks, execs, logs, records, clock, logger: createLogger('test', 'silent') };
    const containers = new ContainerService(options as unknown as ContainerServiceOptions);
    const reaped = containers.ended('ended', { pid: 7, exitStatus: 3, exitedAt: { seconds: '5', nanos: 0 } });
    expect(records.get('ended')?.exit).toMatchObject({ exitCode: 3, reason: 'Error', finishedAtMs: 5000 });
    expect(deleted).toEqual([]);
    await settle();
    expect(deleted).toEqual([]);
    await clock.advance(1_000);
    await reaped;
    expect(deleted).toEqual(['ended']);
    await containers.reap('ended');
    expect(deleted).toEqual(['ended']);
    // Once: FIFOs that are opened again have no end.
    expect(asked).toEqual(['open', 'drain']);
  });

  it('asks for the end of a process that it does not know', async () => {
    records.write('ended', record('ended'));
    const { containers } = serviceWithoutLogs(new CriError('Unknown', 'ENOTDIR'));
    await containers.ended('ended', { pid: 8, exitStatus: 9, exitedAt: null });
    expect(records.get('ended')?.exit).toMatchObject({ exitCode: 3 });
  });

  it('opens the other logs when one is refused', async () => {
    records.write('ended', record('ended'));
    const { containers } = serviceWithoutLogs(new CriError('Unknown', 'unused'));
    await containers.logs.openAll(() => Promise.reject(new CriError('Unknown', 'ENOTDIR')));
    await expect(containers.logs.openAll(() => Promise.reject(new CriError('Unavailable', 'gone')))).rejects.toMatchObject({ code: 'Unavailable' });
  });

  it.each(['Unknown', 'DeadlineExceeded'] as const)('recovers the others when one cannot be cleared: %s', async (code) => {
    for (const id of ['stuck', 'ended']) records.write(id, record(id));
    const deleted: string[] = [];
    const tasks = {
      get: (id: string) => Promise.resolve({ id, status: 'STOPPED', exitStatus: 3, pid: 1 }),
      list: () => Promise.resolve(new Map(['stuck', 'ended'].map((id) => [id, { id, status: 'STOPPED' }]))),
      delete: (id: string) => (id === 'stuck' ? Promise.reject(new CriError(code, 'no shim')) : Promise.resolve(void deleted.push(id))),
    };
    const client = { call: () => Promise.resolve({ containers: [{ id: 'stuck' }, { id: 'ended' }] }) };
    const options = { client, tasks, execs, logs: { request: () => Promise.resolve() }, records, clock: systemClock, logger: createLogger('test', 'silent') };
    await new ContainerService(options as unknown as ContainerServiceOptions).recover();
    expect(deleted).toEqual(['ended']);
    expect(records.values().map(({ id, exit }) => [id, exit?.exitCode])).toEqual([['stuck', 3], ['ended', 3]]);
  });

  it('does not come to an end of its recovery without containerd', async () => {
    records.write('ended', record('ended'));
    const tasks = { list: () => Promise.resolve(new Map([['ended', { id: 'ended', status: 'STOPPED' }]])), get: () => Promise.reject(new CriError('Unavailable', 'gone')) };
    const client = { call: () => Promise.resolve({ containers: [{ id: 'ended' }] }) };
    const options = { client, tasks, execs, records, clock: systemClock, logger: createLogger('test', 'silent') };
    await expect(new ContainerService(options as unknown as ContainerServiceOptions).recover()).rejects.toMatchObject({ code: 'Unavailable' });
  });

  it('removes what was left half done, and spares what is made during its recovery', async () => {
    records.write('left', record('left'));
    await service(() => records.write('new', record('new'))).recover();
    expect(records.values().map(({ id }) => id)).toEqual(['new']);
  });

  it('clears what a loss of power has left: a folder without its record, and the snapshot of that name', async () => {
    const [torn, kept] = ['torn', 'kept'].map((id) => join(folder, id)) as [string, string];
    for (const path of [torn, kept]) mkdirSync(path);
    writeFileSync(join(torn, 'record.json'), '');
    const removed: unknown[] = [];
    const client = {
      call: (name: string, method: string, request: { key?: string }) => {
        if (name === 'snapshots' && method === 'remove') removed.push(request.key);
        return Promise.resolve({ containers: [{ id: 'kept' }] });
      },
    };
    const options = { client, tasks: { list: () => Promise.resolve(new Map()) }, execs, records: new RecordStore(folder), clock: systemClock, logger: createLogger('test', 'silent') };
    await new ContainerService(options as unknown as ContainerServiceOptions).recover();
    expect([removed, readdirSync(folder)]).toEqual([['torn'], ['kept']]);
  });
});
