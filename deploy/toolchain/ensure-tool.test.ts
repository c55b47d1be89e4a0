import { chmod, mkdir, mkdtemp, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureTool, installed, ToolMissingError } from './ensure-tool.ts';
import type { Workshop } from './ensure-tool.ts';
import { SourceUnavailableError } from './tool.ts';
import type { Tool } from './tool.ts';

let folder = '';
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'podling-tool-'))));
afterEach(() => rm(folder, { recursive: true }));

const tool: Tool = {
  name: 'thing',
  path: 'bin/thing-that-is-on-no-path',
  minimum: '2.0.0',
  probe: { args: ['--version'], pattern: /thing (\d+\.\d+\.\d+)/ },
  sources: [
    { kind: 'package', package: 'thing', file: 'usr/bin/thing' },
    { kind: 'module', module: 'thing', package: 'example.com/thing', version: '2.5.0', cgo: false },
  ],
};

async function program(path: string, version: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho thing ${version}\n`);
  await chmod(path, 0o755);
}

interface Offer {
  packaged?: string;
  built?: string;
}

function workshop({ packaged, built }: Offer): Workshop & { builds: number } {
  const made = {
    folder,
    builds: 0,
    packages: {
      candidate: async () => packaged,
      unpack: async () => {
        await program(join(folder, 'pkg/usr/bin/thing'), packaged ?? '');
        return join(folder, 'pkg');
      },
      install: async () => undefined,
    },
    build: async (_source: unknown, target: string) => {
      made.builds++;
      if (built === undefined) throw new SourceUnavailableError('Go is not installed');
      await program(target, built);
    },
  };
  return made;
}

const say = (): void => undefined;
const ensure = (offer: Offer, wanted = tool) => ensureTool(wanted, workshop(offer), say);

describe('ensureTool', () => {
  it('takes a good version from PATH', async () => {
    const path = join(folder, 'else', 'thing-that-is-on-no-path');
    await program(path, '2.1.0');
    const found = await ensure({}, { ...tool, lookIn: [dirname(path)] });
    expect(found).toEqual({ tool: 'thing', version: '2.1.0', from: path });
    expect(await readlink(join(folder, tool.path))).toBe(path);
  });

  it('leaves what is too old on PATH and in the distribution, and builds', async () => {
    const path = join(folder, 'else', 'thing-that-is-on-no-path');
    await program(path, '1.9.0');
    const found = await ensure({ packaged: '1.9.9-1', built: '2.5.0' }, { ...tool, lookIn: [dirname(path)] });
    expect(found).toMatchObject({ version: '2.5.0', from: 'built from example.com/thing v2.5.0' });
  });

  it('takes the package when it is good', async () => {
    expect(await ensure({ packaged: '2.0.1', built: '2.5.0' })).toMatchObject({ version: '2.0.1', from: 'package thing 2.0.1' });
  });

  it('does nothing a second time', async () => {
    await ensure({ built: '2.5.0' });
    expect(installed(tool, folder)).toMatchObject({ version: '2.5.0' });
  });

  it('is not content with what an older recipe has left', async () => {
    await ensure({ built: '2.5.0' });
    const raised = { ...tool, minimum: '2.6.0' };
    expect(installed(raised, folder)).toBeUndefined();
    expect(await ensure({ built: '2.6.0' }, raised)).toMatchObject({ version: '2.6.0' });
  });

  it('adopts a program that is in place without a stamp', async () => {
    await program(join(folder, tool.path), '2.3.0');
    expect(await ensure({})).toMatchObject({ version: '2.3.0', from: 'cache' });
  });

  it('says everything that was tried when nothing gives it', async () => {
    const error = await ensure({ packaged: '1.0.0' }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ToolMissingError);
    expect((error as Error).message).toBe('thing ≥ 2.0.0: package thing is 1.0.0; Go is not installed');
  });
});
