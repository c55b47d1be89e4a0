import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { readReports } from './report.ts';

const root = join(import.meta.dirname, '..');
const reports = join(root, 'reports');
const long = process.argv.includes('--long');

/** Runs a command with our terminal; answers its exit status. A nicer one lets others go first. */
function run(command: string, args: string[], niceness = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false' },
    });
    if (child.pid !== undefined) setPriority(child.pid, niceness);
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

const nx = join(root, 'node_modules/.bin/nx');
const nxRun = (targets: string[], parallel: number, niceness = 0): Promise<number> =>
  run(nx, ['run-many', '-t', ...targets, `--parallel=${parallel}`, '--output-style=stream'], niceness);

interface Stage {
  name: string;
  run: () => Promise<number>;
}

const toolchain: Stage = { name: 'toolchain', run: () => run(process.execPath, ['deploy/toolchain/main.ts', '--tests']) };

/** What waits for pods most of its time. */
const onClusters: Stage[] = [
  { name: 'end to end', run: () => nxRun(['e2e'], 1) },
  { name: 'end to end on CRI', run: () => nxRun(['e2e-cri'], 1) },
  { name: 'faults', run: () => nxRun(['faults'], 1) },
];

/** What computes, in the time that the others wait. */
const onCode: Stage[] = [
  { name: 'lint and typecheck', run: () => nxRun(['lint', 'typecheck'], 2, 5) },
  { name: 'unit, component and integration', run: () => nxRun(['unit', 'component', 'integration'], 2, 5) },
];

/** Answers the names of those that failed. */
async function inTurn(stages: Stage[]): Promise<string[]> {
  const failed: string[] = [];
  for (const stage of stages) {
    process.stdout.write(`\n── ${stage.name}\n`);
    const startedAt = Date.now();
    const status = await stage.run();
    process.stdout.write(`── ${stage.name}: ${status === 0 ? 'ok' : `exit status ${status}`} (${Math.round((Date.now() - startedAt) / 1000)} s)\n`);
    if (status !== 0) failed.push(stage.name);
  }
  return failed;
}

async function main(): Promise<void> {
  if (existsSync(reports)) rmSync(reports, { recursive: true });
  const failed = await inTurn([toolchain]);
  if (failed.length === 0) failed.push(...(await Promise.all([inTurn(onClusters), inTurn(onCode)])).flat());
  if (failed.length === 0 && long) failed.push(...(await inTurn([{ name: 'long', run: () => nxRun(['long'], 1) }])));
  summarise(failed);
}

function summarise(failedStages: string[]): void {
  const results = readReports(reports);
  const count = (status: string): number => results.filter((r) => r.status === status).length;
  for (const { file, title, status } of results) {
    if (status !== 'passed') process.stdout.write(`${status}: ${title} (${file.replace(`${root}/`, '')})\n`);
  }
  const failed = Math.max(count('failed'), failedStages.length);
  if (failedStages.length > 0) process.stdout.write(`stages that failed: ${failedStages.join(', ')}\n`);
  process.stdout.write(`\n${count('passed')} passed, ${failed} failed, ${count('skipped')} skipped\n`);
  process.exitCode = failed === 0 && results.length > 0 ? 0 : 1;
}

await main();
