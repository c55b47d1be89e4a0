import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { scripts: Record<string, string> };

describe('npm scripts on a fresh clone', () => {
  it.each(Object.entries(scripts))('%s names the pinned node by its path once setup has run, since the shell remembers where it found the first', (_name, script) => {
    const [, ...afterSetup] = script.split(' && ');
    for (const command of afterSetup) expect(command).not.toMatch(/^node /);
  });
});
