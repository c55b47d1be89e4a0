import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readReports } from './report.ts';

const root = join(import.meta.dirname, '..');
const reports = join(root, 'reports');
const long = process.argv.includes('--long');

/** Runs a command with our terminal; answers its exit status. */
function run(command: string, args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false' },
    });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

const nx = join(root, 'node_modules/.bin/nx');
const nxRun = (targets: string[], parallel: number): Promise<number> =>
  run(nx, ['run-many', '-t', ...targets, `--parallel=${parallel}`, '--output-style=stream']);

interface Stage {
  name: string;
  run: () => Promise<number>;
}

const stages: Stage[] = [
  { name: 'toolchain', run: () => run(process.execPath, ['deploy/toolchain/main.ts', '--tests']) },
  { name: 'lint and typecheck', run: () => nxRun(['lint', 'typecheck'], 2) },
  { name: 'unit and component', run: () => nxRun(['unit', 'component'], 2) },
  { name: 'integration', run: () => nxRun(['integration'], 2) },
  { name: 'end to end', run: () => nxRun(['e2e'], 1) },
  { name: 'faults', run: () => nxRun(['faults'], 1) },
  ...(long ? [{ name: 'long', run: () => nxRun(['long'], 1) }] : []),
];

async function main(): Promise<void> {
  if (existsSync(reports)) rmSync(reports, { recursive: true });
  const failedStages: string[] = [];
  for (const stage of stages) {
    process.stdout.write(`\n── ${stage.name}\n`);
    const startedAt = Date.now();
    const status = await stage.run();
    process.stdout.write(`── ${stage.name}: ${status === 0 ? 'ok' : `exit status ${status}`} (${Math.round((Date.now() - startedAt) / 1000)} s)\n`);
    if (status !== 0) failedStages.push(stage.name);
    if (status !== 0 && stage.name === 'toolchain') break;
  }
  summarise(failedStages);
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
