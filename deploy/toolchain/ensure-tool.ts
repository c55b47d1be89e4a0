import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Packages } from './apt.ts';
import type { Build } from './go-build.ts';
import { candidates, versionOf } from './probe.ts';
import { recipeOf } from './recipe.ts';
import { SourceUnavailableError } from './tool.ts';
import type { PackageSource, Source, Tool } from './tool.ts';
import { describeRange, isGood, upstreamVersion } from './version.ts';

/** A tool that is there: its version and where it came from. */
export interface ToolReport {
  tool: string;
  version: string;
  from: string;
}

/** What tools are taken from, and where they go. */
export interface Workshop {
  folder: string;
  packages: Packages;
  build: Build;
}

interface Stamp extends ToolReport {
  /** Fingerprint of the recipe that the tool was made by. */
  recipe: string;
}

/** What is wanted, in one line: `etcd ≥ 3.5.13`. */
export function titleOf(tool: Tool): string {
  return `${tool.name} ${describeRange(tool)}`.trim();
}

/** Raised when no source gave the tool; the message says what was tried. */
export class ToolMissingError extends Error {
  override name = 'ToolMissingError';
  readonly tool: Tool;

  constructor(tool: Tool, reasons: string[]) {
    super(`${titleOf(tool)}: ${reasons.join('; ')}`);
    this.tool = tool;
  }
}

/** Looks whether a tool was put in place by the recipe of today; runs nothing, so that a second run is instant. */
export function installed(tool: Tool, folder: string): ToolReport | undefined {
  const stamp = readStamp(tool, folder);
  return stamp && stamp.recipe === recipeOf(tool) && existsSync(join(folder, tool.path)) ? stamp : undefined;
}

/** Puts a tool in place: what is there without a stamp, else from PATH, else from its sources in order. */
export async function ensureTool(tool: Tool, workshop: Workshop, say: (line: string) => void): Promise<ToolReport> {
  const found = (await unstamped(tool, workshop.folder)) ?? (await fromPath(tool, workshop.folder)) ?? (await fromSources(tool, workshop, say));
  await writeStamp(tool, workshop.folder, found);
  return found;
}

async function unstamped(tool: Tool, folder: string): Promise<ToolReport | undefined> {
  if (readStamp(tool, folder)) return undefined;
  const version = await versionOf(join(folder, tool.path), tool);
  return version !== undefined && isGood(version, tool) ? { tool: tool.name, version, from: 'cache' } : undefined;
}

async function fromPath(tool: Tool, folder: string): Promise<ToolReport | undefined> {
  for (const program of candidates(tool).filter((path) => path !== join(folder, tool.path))) {
    const version = await versionOf(program, tool);
    if (version === undefined || !isGood(version, tool)) continue;
    await replace(join(folder, tool.path), (target) => symlink(program, target));
    return { tool: tool.name, version, from: program };
  }
  return undefined;
}

async function fromSources(tool: Tool, workshop: Workshop, say: (line: string) => void): Promise<ToolReport> {
  const reasons = tool.lookIn ? ['not on PATH in a good version'] : [];
  for (const source of tool.sources) {
    try {
      return await fromSource(tool, source, workshop, say);
    } catch (error) {
      if (!(error instanceof SourceUnavailableError)) throw error;
      reasons.push(error.message);
    }
  }
  throw new ToolMissingError(tool, reasons);
}

async function fromSource(tool: Tool, source: Source, workshop: Workshop, say: (line: string) => void): Promise<ToolReport> {
  const target = join(workshop.folder, tool.path);
  if (source.kind === 'package') return fromPackage(tool, source, workshop, target);
  await workshop.build(source, target, say);
  return { tool: tool.name, version: await goodVersion(tool, target), from: `built from ${source.package} v${source.version}` };
}

async function fromPackage(tool: Tool, source: PackageSource, { packages }: Workshop, target: string): Promise<ToolReport> {
  const offered = await packages.candidate(source.package, source.suite);
  if (offered === undefined) throw new SourceUnavailableError(`the distribution has no package ${source.package}`);
  if (!isGood(upstreamVersion(offered) ?? '0', tool)) throw new SourceUnavailableError(`package ${source.package} is ${offered}`);
  const file = join(await packages.unpack(source.package, source.suite), source.file);
  if (!existsSync(file)) throw new SourceUnavailableError(`package ${source.package} has no ${source.file}`);
  if (file !== target) await replace(target, (path) => copyFile(file, path));
  return { tool: tool.name, version: await goodVersion(tool, target), from: `package ${source.package} ${offered}` };
}

async function goodVersion(tool: Tool, program: string): Promise<string> {
  const version = await versionOf(program, tool);
  if (version !== undefined && isGood(version, tool)) return version;
  throw new SourceUnavailableError(version === undefined ? `${tool.name} does not run here` : `it is ${version}`);
}

async function replace(target: string, make: (path: string) => Promise<unknown>): Promise<void> {
  const unfinished = `${target}.${process.pid}`;
  await mkdir(dirname(target), { recursive: true });
  await make(unfinished);
  await rename(unfinished, target);
}

const stampPath = (tool: Tool, folder: string): string => join(folder, 'stamps', `${tool.name.replace('/', '-')}.json`);

function readStamp(tool: Tool, folder: string): Stamp | undefined {
  try {
    return JSON.parse(readFileSync(stampPath(tool, folder), 'utf8')) as Stamp;
  } catch {
    return undefined;
  }
}

async function writeStamp(tool: Tool, folder: string, report: ToolReport): Promise<void> {
  const path = stampPath(tool, folder);
  await replace(path, (target) => writeFile(target, `${JSON.stringify({ ...report, recipe: recipeOf(tool) } satisfies Stamp)}\n`));
}
