import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandError, run } from '../exec.ts';
import { hasCommand } from './probe.ts';
import { modulesFolder } from './recipe.ts';
import { SourceUnavailableError } from './tool.ts';
import type { ModuleSource } from './tool.ts';

/** Builds a program from a pinned module into `target`, whole or not at all. */
export type Build = (source: ModuleSource, target: string, say: (line: string) => void) => Promise<void>;

/** Opens the Go tool. Builds run one after the other, since each uses every core. */
export function goBuilder(offline: boolean): Build {
  let last: Promise<unknown> = Promise.resolve();
  return (source, target, say) => {
    say('waiting for the build before it');
    const next = last.then(() => build(source, target, offline, say));
    last = next.catch(() => undefined);
    return next;
  };
}

async function build(source: ModuleSource, target: string, offline: boolean, say: (line: string) => void): Promise<void> {
  if (!hasCommand('go')) throw new SourceUnavailableError(`Go is not installed to build ${source.package} v${source.version}`);
  const unfinished = `${target}.${process.pid}`;
  await mkdir(dirname(target), { recursive: true });
  say(`building ${source.package} v${source.version}`);
  try {
    await run('go', buildArgs(source, unfinished), { cwd: join(modulesFolder, source.module), env: buildEnvironment(source, offline), onLine: say });
    await rename(unfinished, target);
  } catch (cause) {
    await rm(unfinished, { force: true });
    if (!(cause instanceof CommandError)) throw cause;
    throw new SourceUnavailableError(`build of ${source.package} v${source.version} failed: ${cause.message.slice(-600)}`, { cause });
  }
}

function buildArgs(source: ModuleSource, output: string): string[] {
  const version = source.versionVariable === undefined ? '' : ` -X ${source.versionVariable}=v${source.version}`;
  const tags = (source.tags ?? []).join(',');
  return [...(source.isTest === true ? ['test', '-c'] : ['build']), '-mod=readonly', '-trimpath', '-buildvcs=false', `-tags=${tags}`, '-ldflags', `-s -w${version}`, '-o', output, source.package];
}

function buildEnvironment(source: ModuleSource, offline: boolean): Record<string, string> {
  return { CGO_ENABLED: source.cgo ? '1' : '0', GOFLAGS: '', GOWORK: 'off', ...(offline ? { GOPROXY: 'off' } : {}) };
}
