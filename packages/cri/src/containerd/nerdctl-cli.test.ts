import { describe, expect, it } from 'vitest';
import { ExecError } from './exec.ts';
import { lastMessage } from './nerdctl-cli.ts';

describe('nerdctl message', () => {
  it.each([
    ['time="2026-01-01T00:00:00Z" level=info msg="trying next host"\ntime="2026-01-01T00:00:01Z" level=fatal msg="failed to resolve \\"a\\": not found"\n', 'failed to resolve "a": not found'],
    ['plain words\n', 'plain words'],
    ['', 'nerdctl failed'],
  ])('is the last line without its wrapping', (stderr, message) => {
    expect(lastMessage(new ExecError('nerdctl failed', stderr))).toBe(message);
  });
});
