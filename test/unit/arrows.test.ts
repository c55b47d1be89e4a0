import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
let house: string;

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'podling-arrows-'));
  for (const name of ['oxlint.config.ts', 'lint']) cpSync(join(root, name), join(house, name), { recursive: true });
});

afterAll(() => rmSync(house, { recursive: true, force: true }));

/** Lints one file that holds one import in a copy of the house; answers what oxlint says. */
function lint(file: string, imported: string, isType = true): string {
  const path = join(house, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, isType ? `import type { X } from '${imported}';\nexport type Y = X;\n` : `export * from '${imported}';\n`);
  try {
    return execFileSync(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), '-c', join(house, 'oxlint.config.ts'), path], {
      cwd: house,
      encoding: 'utf8',
    });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  } finally {
    rmSync(path);
  }
}

describe('arrows', () => {
  it.each([
    ['packages/shared/src/api/x.ts', '@podling/apiserver'],
    ['packages/shared/src/client/x.ts', '../informer/x.ts'],
    ['packages/shared/src/workqueue/x.ts', '../controller/x.ts'],
    ['packages/apiserver/src/storage/memory/x.ts', '../../registry/x.ts'],
    ['packages/apiserver/src/registry/pod/x.ts', '../../endpoints/x.ts'],
    ['packages/apiserver/src/registry/x.ts', 'express'],
    ['packages/apiserver/src/endpoints/x.ts', 'etcd3'],
    ['packages/apiserver/src/registry/x.ts', '../storage/memory/memory-storage.ts'],
    ['packages/apiserver/src/registry/pod/x.ts', '../../storage/etcd3/etcd3-storage.ts'],
    ['packages/apiserver/src/server.ts', './storage/cacher/cacher.ts'],
    ['packages/apiserver/src/storage/x.ts', './etcd3/etcd3-storage.ts'],
    ['packages/apiserver/src/storage/cacher/x.ts', '../memory/memory-storage.ts'],
    ['packages/apiserver/src/endpoints/handlers/x.ts', '../../config.ts'],
    ['packages/apiserver/src/proxy/x.ts', '../endpoints/endpoint.ts'],
    ['packages/apiserver/src/listener.ts', './server.ts'],
    ['packages/apiserver/src/registry/x.ts', 'ws'],
    ['packages/kubelet/src/volumes/x.ts', 'execa'],
    ['packages/kubectl/src/printers/x.ts', 'typebox'],
    ['packages/scheduler/src/framework/x.ts', '../schedule-one.ts'],
    ['packages/scheduler/src/x.ts', '@podling/cri'],
    ['packages/kubelet/src/status/x.ts', '../pod/pod-workers.ts'],
    ['packages/kubelet/src/pod/x.ts', '../kubelet.ts'],
    ['packages/kubelet/src/pod/x.ts', '../compose/core.ts'],
    ['packages/kubelet/src/runtime/x.ts', '@podling/cri/containerd'],
    ['packages/kubelet/src/kubelet.ts', '@podling/cri/containerd'],
    ['packages/kubelet/src/compose/core.ts', '@podling/cri/fake'],
    ['packages/kubelet/src/x.ts', '../../apiserver/src/x.ts'],
    ['packages/kubectl/src/printers/x.ts', '../cmd/get.ts'],
    ['packages/cri/src/x.ts', '@podling/kubelet'],
    ['packages/cri/src/remote/x.ts', '../server/x.ts'],
    ['packages/cri/src/remote/x.ts', 'ws'],
    ['packages/cri/src/streaming/x.ts', '../containerd/x.ts'],
    ['packages/cri/src/containerd/x.ts', 'smol-toml'],
  ])('refuses %s → %s', (file, imported) => {
    expect(lint(file, imported)).toContain('no-restricted-imports');
  });

  it.each([
    ['packages/shared/src/informer/x.ts', '../client/x.ts'],
    ['packages/apiserver/src/endpoints/x.ts', 'express'],
    ['packages/apiserver/src/storage/etcd3/x.ts', 'etcd3'],
    ['packages/apiserver/src/storage-provider.ts', './storage/cacher/cacher.ts'],
    ['packages/apiserver/src/storage/cacher/cacher.test.ts', '../memory/memory-storage.ts'],
    ['packages/apiserver/src/storage/memory/x.ts', './event-log.ts'],
    ['packages/apiserver/src/endpoints/handlers/x.ts', '../../proxy/node-proxy.ts'],
    ['packages/shared/src/api/index.ts', './pod.ts'],
    ['packages/kubelet/src/compose/create-runtime.ts', '@podling/cri/containerd'],
    ['packages/kubelet/src/compose/assemble.ts', '../pod/pod-workers.ts'],
    ['packages/kubelet/src/pod/x.ts', '../status/x.ts'],
    ['packages/kubectl/src/cmd/x.ts', '../printers/x.ts'],
    ['packages/cri/src/remote/x.ts', '../streaming/x.ts'],
    ['packages/cri/src/streaming/x.ts', 'ws'],
  ])('allows %s → %s', (file, imported) => {
    expect(lint(file, imported)).not.toContain('no-restricted-imports');
  });

  it.each([
    ['packages/shared/src/api/index.ts', './pod.ts', true],
    ['packages/shared/src/api/index.ts', './defaults/pod.ts', true],
    ['packages/shared/src/api/label-selector.ts', './schema.ts', true],
    ['packages/shared/src/api/index.ts', './quantity.ts', false],
    ['packages/shared/src/api/scheme.ts', './pod.ts', false],
  ])('keeps what a light file loads light: %s → %s', (file, imported, refused) => {
    expect(lint(file, imported, false).includes('no-restricted-imports')).toBe(refused);
  });

  it('refuses a cycle', () => {
    const folder = join(house, 'packages/shared/src/util');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'b.ts'), `import { a } from './a.ts';\nexport const b = (): unknown => a;\n`);
    expect(lintCycle(folder)).toContain('no-cycle');
  });
});

function lintCycle(folder: string): string {
  writeFileSync(join(folder, 'a.ts'), `import { b } from './b.ts';\nexport const a = (): unknown => b;\n`);
  try {
    return execFileSync(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), '-c', join(house, 'oxlint.config.ts'), folder], {
      cwd: house,
      encoding: 'utf8',
    });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
