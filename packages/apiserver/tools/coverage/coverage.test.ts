import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { useTestServer } from '../../src/testing/test-server.ts';
import { promisesOf } from './promises.ts';
import type { Promised } from './promises.ts';
import { proofOf, proofs } from './proofs.ts';
import { renderCoverage } from './render-coverage.ts';

const tests = join(import.meta.dirname, '../../src/api-tests');

function titleExists(file: string, title: string): boolean {
  const path = join(tests, `${file}.test.ts`);
  return existsSync(path) && readFileSync(path, 'utf8').includes(`'${title}'`);
}

describe('docs/api-coverage.md', () => {
  const server = useTestServer();
  let promises: Promised[];

  beforeAll(async () => {
    promises = await promisesOf(async <T>(path: string) => (await server.send<T>('GET', path)).body);
  });

  it('has a proof for every promise', () => {
    expect(promises.length).toBeGreaterThan(150);
    expect(promises.map(({ name }) => name).filter((name) => !proofOf(name))).toEqual([]);
  });

  it('names tests that are there', () => {
    const named = promises.flatMap(({ name }) => proofOf(name) ?? []);
    expect(named.length).toBeGreaterThan(0);
    expect(promises.filter(({ name }) => !titleExists(...(proofOf(name) ?? ['', ''])))).toEqual([]);
  });

  it('proves nothing that is not promised', () => {
    const names = new Set(promises.map(({ name }) => name));
    expect(Object.keys(proofs).filter((name) => !names.has(name))).toEqual([]);
  });

  it('is what the server says of itself: run packages/apiserver/tools/api-coverage.ts', () => {
    expect(readFileSync(join(import.meta.dirname, '../../../../docs/api-coverage.md'), 'utf8')).toBe(renderCoverage(promises));
  });
});
