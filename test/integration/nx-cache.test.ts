import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NX_')));

const lintScheduler = () =>
  execa(join(root, 'node_modules/.bin/nx'), ['run-many', '-t', 'lint', '-p', '@podling/scheduler', '--output-style=static'], {
    cwd: root,
    env: { ...own, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false', NO_COLOR: '1' },
    extendEnv: false,
    stdin: 'ignore',
  });

describe('the workspace', () => {
  it('[M6] runs a target through nx and answers the second run from its cache', async () => {
    await lintScheduler();
    const { stdout } = await lintScheduler();
    expect(stdout).toContain('Successfully ran target lint for project @podling/scheduler');
    expect(stdout).toMatch(/from the cache|local cache/);
  });
});
