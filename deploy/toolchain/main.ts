import { toolchainDir } from '@podling/shared/process';
import { Command } from 'commander';
import { table } from '../table.ts';
import { ensureToolchain, ToolchainError } from './ensure-toolchain.ts';

const program = new Command('toolchain')
  .description('finds or builds the programs that a node needs, once, outside the repository')
  .option('--offline', 'take only what this machine has', false)
  .option('--tests', 'also what only the tests want: an upstream kubectl, an image registry', false);

const { offline, tests } = program.parse().opts<{ offline: boolean; tests: boolean }>();
try {
  const reports = await ensureToolchain({ offline, tests, report: 'auto' });
  const rows = reports.map(({ tool, version, from }) => [tool, version, from]);
  process.stdout.write(`${table([['TOOL', 'VERSION', 'FROM'], ...rows])}\n\n${toolchainDir()}\n`);
} catch (error) {
  if (!(error instanceof ToolchainError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
