import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerConfig, PodSandboxConfig } from '../cri.ts';
import { ContainerCreation } from './container-creation.ts';
import type { ContainerCreationOptions } from './container-creation.ts';
import type { ContainerRecord } from './container-record.ts';
import type { SandboxGround } from './oci-spec.ts';
import { RecordStore } from './record-store.ts';

const ground: SandboxGround = { id: 'sandbox', pid: 1, hostname: 'web', nodeIpc: false, shmPath: '/shm', hostsPath: '/hosts', resolvConfPath: '/resolv.conf', hostnamePath: '/hostname' };
const config: ContainerConfig = {
  metadata: { name: 'main', attempt: 0 }, image: 'web', command: ['web'], args: [], workingDir: '', env: [], mounts: [],
  labels: {}, annotations: {}, logPath: 'main/0.log', stdin: false, tty: false, linux: {}, securityContext: { privileged: true },
};
const sandboxConfig = { logDirectory: '/logs', cgroupParent: '/pods' } as PodSandboxConfig;
const process = { entrypoint: [], cmd: [], env: [], workingDir: '', user: '', stopSignal: '' };

describe('ContainerCreation', () => {
  let folder: string;
  let records: RecordStore<ContainerRecord>;
  /** What containerd has, as `service/id`. */
  let there: Set<string>;

  beforeEach(() => {
    [folder, there] = [mkdtempSync(join(tmpdir(), 'podling-creation-')), new Set()];
    records = new RecordStore(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** `unpacked`: containerd answers when this has; then `undoing` may fail. */
  function creation(options: { makeFifos: () => Promise<void>; unpacked?: Promise<void>; undoing?: () => Promise<void> }): ContainerCreation {
    const call = async (service: string, method: string, request: { id?: string; key?: string; container?: { id: string } }): Promise<unknown> => {
      const name = `${service}/${request.id ?? request.key ?? request.container?.id}`;
      if (method === 'prepare') await options.unpacked;
      if (method === 'create' || method === 'prepare') there.add(name);
      else await options.undoing?.();
      if (method === 'remove' || method === 'delete') there.delete(name);
      return { mounts: [] };
    };
    return new ContainerCreation({
      client: { call }, records, clock: systemClock, fifos: { make: options.makeFifos }, tasks: {},
      images: { resolve: () => Promise.resolve({ name: 'web', id: 'sha256:1', chainId: 'sha256:2', process }) },
      imageFiles: { accounts: () => Promise.resolve({ passwd: '', group: '' }) },
      seccompProfiles: { of: () => Promise.resolve(undefined) },
    } as unknown as ContainerCreationOptions);
  }

  it('leaves nothing when one step fails long before the others are done', async () => {
    const unpacked = Promise.withResolvers<void>();
    const creating = creation({ makeFifos: () => Promise.reject(new Error('no space left')), unpacked: unpacked.promise }).create(ground, config, sandboxConfig);
    const failed = expect(creating).rejects.toThrow('no space left');
    await new Promise((resolve) => setImmediate(resolve));
    unpacked.resolve();
    await failed;
    await new Promise((resolve) => setImmediate(resolve));
    expect([[...there], records.values()]).toEqual([[], []]);
  });

  it('says why it failed, also when nothing can be undone', async () => {
    const broken = creation({ makeFifos: () => Promise.reject(new Error('no space left')), undoing: () => Promise.reject(new Error('no connection')) });
    await expect(broken.create(ground, config, sandboxConfig)).rejects.toThrow('no space left');
  });
});
