import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, systemClock } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerRecord } from './container-record.ts';
import { ContainerService } from './container-service.ts';
import type { ContainerServiceOptions } from './container-service.ts';
import { RecordStore } from './record-store.ts';

const record = (id: string): ContainerRecord => ({
  id, podSandboxId: 'sandbox', imageId: '', logPath: '', cgroupsPath: '', stopSignal: 15, createdAtMs: 0, startedAtMs: 0,
  config: { metadata: { name: 'main', attempt: 0 }, image: '', labels: {}, annotations: {}, tty: false, stdin: false },
});

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
    const options = { client: { call }, tasks, records, clock: systemClock, logger: createLogger('test', 'silent') };
    return new ContainerService(options as unknown as ContainerServiceOptions);
  }

  it('removes what was left half done, and spares what is made during its recovery', async () => {
    records.write('left', record('left'));
    await service(() => records.write('new', record('new'))).recover();
    expect(records.values().map(({ id }) => id)).toEqual(['new']);
  });
});
