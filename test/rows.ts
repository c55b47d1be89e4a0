import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readReports } from './report.ts';
import { openParts, systemRows } from './system-rows.ts';

interface RowTest {
  row: string;
  file: string;
  title: string;
}

const root = join(import.meta.dirname, '..');
const titlePattern = /\b(?:it|test|describe)(?:\.[a-zA-Z]+)?(?:\([^'"`]*\))?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g;

/** Shown on the real thing: etcd, containerd, nerdctl or a whole cluster, not memory storage or the fake runtime. */
export const isReal = (file: string): boolean =>
  file.startsWith('test/e2e/') || file.startsWith('test/integration/') || file.endsWith('.integration.test.ts');

export function rowTests(file: string, source: string): RowTest[] {
  return [...source.matchAll(titlePattern)].flatMap((match) => {
    const title = match[2] ?? '';
    return [...title.matchAll(/\[([A-Z]\d+)\]/g)].map((id) => ({ row: id[1] ?? '', file, title }));
  });
}

function collect(): RowTest[] {
  const files = globSync(['packages/*/src/**/*.test.ts', 'deploy/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'], {
    cwd: root,
    exclude: (name) => name === 'node_modules',
  });
  return files.flatMap((file) => rowTests(relative('.', file), readFileSync(join(root, file), 'utf8')));
}

/** `open` without a test on the real thing, `part` when such tests leave something of the row out. */
export function stateOf(row: string, tests: RowTest[]): 'shown' | 'part' | 'open' {
  if (!tests.some((t) => isReal(t.file))) return 'open';
  return row in openParts ? 'part' : 'shown';
}

function main(): void {
  const tests = collect();
  const results = readReports(join(root, 'reports'));
  const statusOf = (test: RowTest): string =>
    results.find((r) => r.file.endsWith(test.file) && r.title.includes(test.title))?.status ?? 'not run';
  const counts = { shown: 0, part: 0, open: 0 };
  for (const [row, text] of Object.entries(systemRows)) {
    const mine = tests.filter((t) => t.row === row);
    const state = stateOf(row, mine);
    counts[state] += 1;
    process.stdout.write(`${row.padEnd(4)}${state.padEnd(7)}${text}${state === 'part' ? ` (open: ${openParts[row]})` : ''}\n`);
    for (const test of mine) {
      process.stdout.write(`           ${isReal(test.file) ? '' : '(fake) '}${test.title} · ${test.file} · ${statusOf(test)}\n`);
    }
  }
  process.stdout.write(`\n${counts.shown} shown, ${counts.part} in part, ${counts.open} open\n`);
}

if (import.meta.main) main();
