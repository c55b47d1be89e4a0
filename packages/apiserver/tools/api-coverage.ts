/**
 * Writes `docs/api-coverage.md`: every kind, verb, subresource and parameter that an apiserver serves, with the test that
 * shows it. Promises without a proof are printed, and the exit status is 1 while there are any:
 *
 *     npm run coverage --workspace packages/apiserver
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '@podling/shared/util';
import { startApiServer } from '../src/server.ts';
import { promisesOf } from './coverage/promises.ts';
import { proofOf } from './coverage/proofs.ts';
import { renderCoverage } from './coverage/render-coverage.ts';

const server = await startApiServer({
  storage: { kind: 'memory' }, insecureBind: { address: '127.0.0.1', port: 0 }, logger: createLogger('apiserver', 'silent'),
});
try {
  const promises = await promisesOf(async <T>(path: string) => (await (await fetch(server.url + path)).json()) as T);
  writeFileSync(join(import.meta.dirname, '../../../docs/api-coverage.md'), renderCoverage(promises));
  const gaps = promises.map(({ name }) => name).filter((name) => !proofOf(name));
  for (const name of gaps) process.stdout.write(`nothing shows: ${name}\n`);
  process.stdout.write(`${promises.length} promises, ${gaps.length} without a proof\n`);
  process.exitCode = gaps.length === 0 ? 0 : 1;
} finally {
  await server.stop();
}
