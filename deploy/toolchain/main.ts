import { toolchainDir } from '@podling/shared/process';
import { Command } from 'commander';
import { table } from '../table.ts';
import { ensureToolchain, ToolchainError } from './ensure-toolchain.ts';

const program = new Command('toolchain')
  .description('finds or builds the programs that a node needs, once, outside the repository')
  .option('--offline', 'take only what this machine has', false)
  .option('--cri', 'also what nodes with a CRI runtime want: a containerd of 1.7 or later', false)
  .option('--tests', 'also what only the tests want: that, an upstream kubectl, an image registry', false);

const { offline, cri, tests } = program.parse().opts<{ offline: boolean; cri: boolean; tests: boolean }>();
try {
  const reports = await ensureToolchain({ offline, cri, tests, report: 'auto' });
  const rows = reports.map(({ tool, version, from }) => [tool, version, from]);
  process.stdout.write(`${table([['TOOL', 'VERSION', 'FROM'], ...rows])}\n\n${toolchainDir()}\n`);
} catch (error) {
  if (!(error instanceof ToolchainError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
