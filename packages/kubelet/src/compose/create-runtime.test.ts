import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@podling/shared/util';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseKubeletConfig } from '../config.ts';
import { createRuntime } from './create-runtime.ts';

let folder: string;
const warnings: string[] = [];
const logger = pino({ level: 'warn' }, { write: (line) => void warnings.push((JSON.parse(line) as { msg: string }).msg) });
const create = (...flags: string[]) => createRuntime(parseKubeletConfig(flags), systemClock, logger);

beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'podling-runtime-'))));
afterEach(() => rm(folder, { recursive: true }));

describe('a CRI runtime by its endpoint', () => {
  it('that is wrong ends the kubelet with what is wrong', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(create('--container-runtime-endpoint', join(folder, 'file'))).rejects.toThrow('this is no socket but a file');
    await expect(create('--container-runtime-endpoint', 'x.sock')).rejects.toThrow('neither unix:///PATH nor tcp://HOST:PORT');
    await expect(create('--container-runtime-endpoint', `unix://${folder}/a.sock`, '--image-service-endpoint', folder)).rejects.toThrow('this is no socket but a folder');
  });

  it('that is not there yet is waited for: the runtime says that it is down', async () => {
    const runtime = await create('--container-runtime-endpoint', `unix://${folder}/late.sock`);
    expect(warnings).toContain('the container runtime is not there yet');
    expect((await runtime.status()).conditions[0]).toMatchObject({ type: 'RuntimeReady', status: false });
    await runtime.close();
  });
});
