import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SeccompProfiles } from './seccomp.ts';

const folder = mkdtempSync(join(tmpdir(), 'podling-seccomp-'));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const program = file('profile', '#!/bin/sh\necho "{\\"defaultAction\\":\\"SCMP_ACT_ERRNO\\",\\"syscalls\\":[\\"$*\\"]}"\n');
chmodSync(program, 0o755);
const profiles = new SeccompProfiles(program);

afterAll(() => rmSync(folder, { recursive: true }));

describe('seccomp profile', () => {
  it('is the runtime\'s own for the capabilities by default', async () => {
    const profile = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: ['CAP_A CAP_B'] };
    expect(await profiles.of({}, ['CAP_B', 'CAP_A'])).toEqual(profile);
    expect(await profiles.of({ seccomp: { type: 'RuntimeDefault' } }, ['CAP_A', 'CAP_B'])).toEqual(profile);
  });

  it('is none for a container that is unconfined or privileged', async () => {
    expect(await profiles.of({ seccomp: { type: 'Unconfined' } }, [])).toBeUndefined();
    expect(await profiles.of({ privileged: true }, [])).toBeUndefined();
  });

  it('of the node is read from its file', async () => {
    const localhostRef = file('mine.json', '{"defaultAction":"SCMP_ACT_LOG"}');
    expect(await profiles.of({ seccomp: { type: 'Localhost', localhostRef } }, [])).toEqual({ defaultAction: 'SCMP_ACT_LOG' });
  });

  it.each([
    ['absent', join(folder, 'absent.json')],
    ['no JSON', file('text.json', 'allow everything')],
    ['no profile', file('list.json', '[]')],
    ['null', file('null.json', 'null')],
    ['a folder', folder],
    ['without an end', '/dev/zero'],
  ])('of the node that is %s is refused', async (_, localhostRef) => {
    await expect(profiles.of({ seccomp: { type: 'Localhost', localhostRef } }, [])).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining(`cannot load seccomp profile "${localhostRef}"`) });
  });
});
