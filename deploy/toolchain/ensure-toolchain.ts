import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { toolchainDir } from '@podling/shared/process';
import { withLock } from '../lock.ts';
import { runSteps } from '../progress.ts';
import type { Report, Step } from '../progress.ts';
import { aptPackages } from './apt.ts';
import { ensureTool, installed, titleOf, ToolMissingError } from './ensure-tool.ts';
import type { ToolReport, Workshop } from './ensure-tool.ts';
import { goBuilder } from './go-build.ts';
import { ensureSystemCommands, missingPackages } from './system-commands.ts';
import { SourceUnavailableError } from './tool.ts';
import type { Tool } from './tool.ts';
import { tools } from './tools.ts';

export interface ToolchainOptions {
  /** Takes only what this machine already has: nothing is downloaded. */
  offline?: boolean;
  /** Also what only nodes with a CRI runtime want. */
  cri?: boolean;
  /** Also what only the tests want; that includes `cri`. */
  tests?: boolean;
  report?: Report;
}

/** Raised when tools are missing; the message has a line for each and how to get it. */
export class ToolchainError extends Error {
  override name = 'ToolchainError';
}

/**
 * Puts every tool in place that a node needs, below `toolchainDir()`. Two runs at a time wait for each other; a second
 * run only reads stamps. Returns one report per tool.
 */
export async function ensureToolchain({ offline = false, cri = false, tests = false, report = 'silent' }: ToolchainOptions = {}): Promise<ToolReport[]> {
  const folder = toolchainDir();
  const wanted = tools.filter(({ onlyFor }) => onlyFor === undefined || tests || (cri && onlyFor === 'cri'));
  const missing = wanted.some((tool) => !installed(tool, folder)) || (await missingPackages()).length > 0;
  if (missing) await withLock(join(folder, '.lock'), () => install(wanted, { folder, offline, report }));
  return wanted.map((tool) => installed(tool, folder)).filter((found) => found !== undefined);
}

async function install(wanted: Tool[], { folder, offline, report }: { folder: string; offline: boolean; report: Report }): Promise<void> {
  await mkdir(folder, { recursive: true });
  const packages = aptPackages({ folder: join(folder, 'pkg'), offline });
  const workshop: Workshop = { folder, packages, build: goBuilder(offline) };
  const failures: unknown[] = [];
  const noting = (step: Step): Step => ({
    ...step,
    run: (say) =>
      step.run(say).catch((error: unknown) => {
        failures.push(error);
        throw error;
      }),
  });
  const steps = wanted
    .filter((tool) => !installed(tool, folder))
    .map((tool) => noting({ title: titleOf(tool), run: (say) => ensureTool(tool, workshop, say) }));
  const commands = noting({ title: 'commands of the system', run: () => ensureSystemCommands(packages) });
  await runSteps([commands, ...steps], { report, keepGoing: true });
  const unexpected = failures.find((error) => !isExpected(error));
  if (unexpected !== undefined) throw unexpected;
  if (failures.length > 0) throw new ToolchainError(explain(failures.map((error) => (error as Error).message), offline));
}

function isExpected(error: unknown): boolean {
  return error instanceof ToolMissingError || error instanceof SourceUnavailableError;
}

function explain(reasons: string[], offline: boolean): string {
  return [
    'the toolchain is not complete:',
    ...reasons.map((reason) => `  ${reason}`),
    'Each tool is taken from PATH, else from the distribution (apt), else built with Go ≥ 1.25 (https://go.dev/dl), which',
    `needs a package registry and a Go module proxy${offline ? ' (this run was offline)' : ''}. Put what is missing on PATH, or make one of them available.`,
  ].join('\n');
}
