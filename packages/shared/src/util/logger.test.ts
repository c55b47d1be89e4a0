import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const program = `
  import { createLogger } from ${JSON.stringify(join(import.meta.dirname, 'logger.ts'))};
  const cause = new TypeError('no such file');
  createLogger('test').error({ err: new Error('cannot read: no such file', { cause }) }, 'failed');
`;

describe('logger', () => {
  it('says what an error says once, and where it and its cause come from', () => {
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
    const line = JSON.parse(stderr) as { msg: string; err: { message: string; stack: string } };
    expect(line).toMatchObject({ msg: 'failed', err: { message: 'cannot read: no such file' } });
    expect(line.err.stack).toContain('TypeError: no such file');
  });
});
