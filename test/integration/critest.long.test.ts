import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCritestGround } from '../harness/critest.ts';
import type { CritestCase, CritestGround } from '../harness/critest.ts';

const contract = readFileSync(join(import.meta.dirname, '../../docs/cri-contract.md'), 'utf8');
const kernel = existsSync('/sys/module/apparmor') ? 'kernels with AppArmor' : 'kernels without AppArmor';

/** Of the table in docs/cri-contract.md, what concerns this machine. */
const known = [...contract.matchAll(/^\| ([^|]+) \| (everywhere|kernels \w+ AppArmor) \| [^|]+ \|$/gm)]
  .filter(([, , where]) => where === 'everywhere' || where === kernel)
  .map(([, name = '']) => name);
const isKnown = (name: string): boolean => known.some((row) => (row.endsWith(' …') ? name.startsWith(row.slice(0, -1)) : name === row));
const named = ({ name, state, message }: CritestCase): string => `${state}: ${name}: ${message}`;

describe('critest against bin/cri-server', () => {
  let ground: CritestGround;
  beforeAll(async () => {
    ground = await startCritestGround();
  });
  afterAll(() => ground.stop());

  it('passes, but for the cases that docs/cri-contract.md names', async () => {
    const cases = await ground.run();
    expect(cases.length).toBeGreaterThan(110);
    expect(cases.filter(({ name, state }) => state !== 'passed' && !isKnown(name)).map(named)).toEqual([]);
    expect(cases.filter(({ name, state }) => state === 'passed' && isKnown(name)).map(named)).toEqual([]);
    expect(known.filter((row) => !cases.some(({ name }) => name.startsWith(row.replace(/…$/, ''))))).toEqual([]);
  });

  it('passes over WebSockets too, where it has them', async () => {
    const cases = await ground.run({ focus: 'runtime should support (exec with|attach)', flags: ['-websocket-exec', '-websocket-attach'] });
    expect(cases.length).toBeGreaterThan(2);
    expect(cases.filter(({ state }) => state !== 'passed').map(named)).toEqual([]);
  });
});
