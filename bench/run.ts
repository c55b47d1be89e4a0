import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What a benchmark's `run.ts` exports: it measures and answers a JSON value with at least one ratio. */
export interface Benchmark {
  run(args: string[]): Promise<unknown>;
}

const here = import.meta.dirname;
const names = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(here, entry.name, 'run.ts')))
  .map(({ name }) => name);

const [name = '', ...args] = process.argv.slice(2);
if (names.includes(name)) {
  const benchmark = (await import(`./${name}/run.ts`)) as Benchmark;
  process.stdout.write(`${JSON.stringify(await benchmark.run(args), null, 2)}\n`);
} else {
  process.stderr.write(`usage: npm run bench -- NAME, with NAME one of: ${names.join(', ')}\n`);
  process.exitCode = 1;
}
