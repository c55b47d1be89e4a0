import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { visitorFolder } from './visitor-folder.ts';

const nobody = String(2 ** 22 + 1);

it('visitorFolder takes over from visitors that were killed what is to be kept, and clears the rest away', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'podling-visitors-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  for (const path of [`${nobody}/execs/web.1`, `${nobody}/fifos/spare`, `${nobody}1/pulls`, '1/execs/db.1']) mkdirSync(join(stateDir, 'visitors', path), { recursive: true });
  const own = visitorFolder(stateDir, 'execs');
  expect(own).toBe(join(stateDir, 'visitors', String(process.pid)));
  expect(readdirSync(join(own, 'execs'))).toEqual(['web.1']);
  expect(readdirSync(join(stateDir, 'visitors')).toSorted()).toEqual(['1', String(process.pid)].toSorted());
  expect(readdirSync(join(stateDir, 'visitors/1/execs'))).toEqual(['db.1']);
});
