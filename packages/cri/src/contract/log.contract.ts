import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { PATIENCE, readLog } from './scene.ts';
import type { Scene } from './scene.ts';

export function logContract(scene: () => Scene): void {
  describe('log', () => {
    it('has stdout and stderr apart, each line whole and in order', async () => {
      const { lines } = await scene().script('for i in 1 2 3; do echo out $i; echo err $i >&2; done; printf "no newline"');
      const of = (stream: string) => lines.filter((line) => line.stream === stream).map(({ text }) => text);
      expect(of('stdout')).toEqual(['out 1', 'out 2', 'out 3', 'no newline']);
      expect(of('stderr')).toEqual(['err 1', 'err 2', 'err 3']);
    });

    it('splits a line at 16 KiB into partial ones', async () => {
      const { lines } = await scene().script('head -c 40000 /dev/zero | tr "\\0" x; echo; echo end');
      expect(lines.map(({ tag, text }) => [tag, text.length])).toEqual([['P', 16384], ['P', 16384], ['F', 7232], ['F', 3]]);
    });

    it('keeps every byte, whatever it means', async () => {
      const status = await scene().ended(await scene().start(await scene().run(), { command: ['printf', 'a\\000b\\377\\200\\r\\033[2J\\nend\\n'] }));
      await scene().wholeLog(status);
      const lines = readFileSync(status.logPath, 'latin1').split('\n').map((line) => line.slice(line.indexOf(' F ') + 3));
      expect(lines).toEqual(['a\0b\xff\x80\r\x1b[2J', 'end', '']);
    });

    it('that a link leads away from its place is not written', async () => {
      const sandbox = await scene().run();
      const outside = join(scene().fixture.folder, `outside-${randomUUID()}`);
      mkdirSync(outside);
      mkdirSync(sandbox.config.logDirectory, { recursive: true });
      symlinkSync(outside, join(sandbox.config.logDirectory, 'main'));
      await expect(scene().start(sandbox)).rejects.toThrow(/ENOTDIR|ELOOP/);
      expect(readdirSync(outside)).toEqual([]);
    });

    it('has everything of a container that writes much and ends at once', async () => {
      const { lines } = await scene().script('seq 1 200000');
      expect(lines.length).toBe(200_000);
      expect(lines.every(({ text }, index) => text === String(index + 1))).toBe(true);
    });

    it('goes on in a new file when it is reopened after a rename', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox, { command: ['sh', '-c', 'echo before; until [ -e /dev/shm/go ]; do sleep 0.05; done; echo after'] });
      const { logPath } = await scene().runtime.containerStatus(id);
      await vi.waitFor(() => expect(readLog(logPath).map(({ text }) => text)).toEqual(['before']), PATIENCE);
      const renamed = join(scene().fixture.folder, `renamed-${randomUUID()}.log`);
      renameSync(logPath, renamed);
      await scene().runtime.reopenContainerLog(id);
      await scene().script('touch /dev/shm/go', {}, sandbox);
      const lines = await scene().wholeLog(await scene().ended(id));
      expect(lines.map(({ text }) => text)).toEqual(['after']);
      expect(readLog(renamed).map(({ text }) => text)).toEqual(['before']);
    });
  });
}
