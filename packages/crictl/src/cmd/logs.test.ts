import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Bench } from '../testing/bench.ts';

const line = (second: number, text: string, stream = 'stdout'): string => `2026-01-01T00:00:0${second}.000000000Z ${stream} F ${text}\n`;

async function logged(content: string): Promise<{ bench: Bench; id: string; path: string }> {
  const bench = await Bench.open();
  const id = await bench.container(await bench.pod('web'), 'web', 'main');
  await mkdir(join(bench.folder, 'main'));
  const path = join(bench.folder, 'main/0.log');
  await writeFile(path, content);
  return { bench, id, path };
}

describe('crictl logs', () => {
  it('prints each stream where it belongs', async () => {
    const { bench, id } = await logged(`${line(1, 'one')}${line(2, 'oops', 'stderr')}${line(3, 'two')}`);
    expect(await bench.answer(['logs', id])).toEqual({ exitCode: 0, stdout: 'one\ntwo\n', stderr: 'oops\n' });
    expect(await bench.answer(['logs', '-s', 'stderr', id])).toEqual({ exitCode: 0, stdout: '', stderr: 'oops\n' });
    expect(await bench.run('logs', '--tail', '1', '-t', id)).toBe('2026-01-01T00:00:03.000000000Z two');
    expect(await bench.run('logs', '--limit-bytes', '2', id)).toBe('on');
    expect(await bench.run('logs', '--since', '2026-01-01T00:00:02.5Z', id)).toBe('two');
    await bench.clock.advance(10_000);
    for (const span of ['7500ms', '7.5s', '+7500000us']) expect(await bench.run('logs', '--since', span, id)).toBe('two');
    expect(await bench.run('logs', '--since', '-5m', id)).toBe('');
    expect((await bench.answer(['logs', id, id])).stderr).toContain('one CONTAINER-ID is wanted');
  });

  it('follows until the container has ended', async () => {
    const { bench, id, path } = await logged(line(1, 'one'));
    const { exitCode, stdout } = await bench.answer(['logs', '-f', id], async (io) => {
      await expect.poll(() => io.stdout, { timeout: 10_000 }).toBe('one\n');
      await appendFile(path, line(2, 'two'));
      await expect.poll(async () => {
        await bench.clock.advance(1_000);
        return io.stdout;
      }, { timeout: 10_000 }).toBe('one\ntwo\n');
      io.interrupt();
    });
    expect([exitCode, stdout]).toEqual([0, 'one\ntwo\n']);
  });

  it.each([
    [['-s', 'stdin'], 'invalid stream'], [['-s', 'stdout', '--tail', '1'], 'mutually exclusive'], [['--tail', 'all'], 'it is no whole number'],
    [['--since', 'soon'], 'failed to parse value as time or duration: '], [['-p'], 'previous terminated container main not found'],
  ])('refuses %j', async (flags, message) => {
    const { bench, id } = await logged('');
    expect((await bench.answer(['logs', ...flags, id])).stderr).toContain(message);
  });
});
