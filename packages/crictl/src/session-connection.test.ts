import { PassThrough } from 'node:stream';
import type { StreamSession } from '@podling/cri';
import { describe, expect, it } from 'vitest';
import { Bench } from './testing/bench.ts';

const silence = (): Promise<never> => new Promise(() => undefined);

describe('connection of a command', () => {
  it.each([['ps'], ['images'], ['version'], ['logs', 'c'], ['exec', 'c', 'true'], ['exec', '-s', 'c', 'true'], ['pull', 'toolbox'], ['stop', 'c'], ['events'], ['port-forward', 'p', '80']])('waits for a first answer to %s as long as --timeout says', async (...words) => {
    const bench = await Bench.open();
    bench.runtime.version = silence;
    const { exitCode, stderr } = await bench.answer(['-t', '1s', ...words], async () => {
      await expect.poll(() => bench.clock.pendingTimers).toBe(1);
      await bench.clock.advance(1_000);
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('validate service connection: rpc error: code = DeadlineExceeded desc = Version: no answer within 1000 ms: fake:// is no CRI runtime, or one that hangs');
  });

  it('tells with --debug what is asked, but no password', async () => {
    const bench = await Bench.open();
    const { stderr } = await bench.answer(['--debug', 'pull', '--creds', 'jane:open-sesame', 'toolbox']);
    expect(stderr).toMatch(/PullImageRequest: .*jane/);
    expect(stderr).not.toContain('open-sesame');
  });

  it('asks an image service that is elsewhere by itself', async () => {
    const bench = await Bench.open();
    bench.runtime.imageFsInfo = silence;
    const { stderr } = await bench.answer(['-i', 'unix:///elsewhere.sock', 'images'], async () => {
      await expect.poll(() => bench.clock.pendingTimers).toBe(1);
      await bench.clock.advance(2_000);
    });
    expect(stderr).toContain('ImageFsInfo: no answer within 2000 ms');
    expect((await bench.answer(['-i', 'unix:///elsewhere.sock', 'ps'])).exitCode).toBe(0);
  });

  it('leaves with Ctrl-C, and ends what opens afterwards', async () => {
    const bench = await Bench.open();
    const id = await bench.container(await bench.pod('web'), 'web', 'main');
    for (const words of [['exec', id, 'sh'], ['attach', id]]) {
      const opening = Promise.withResolvers<StreamSession>();
      let isAsked = false;
      bench.runtime.exec = bench.runtime.attach = () => {
        isAsked = true;
        return opening.promise;
      };
      const { exitCode, stderr } = await bench.answer(words, async (io) => {
        await expect.poll(() => isAsked).toBe(true);
        io.interrupt();
      });
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining('interrupted')]);
      const closed = new Promise<void>((close) => opening.resolve({ stdin: undefined, stdout: new PassThrough(), stderr: undefined, exited: silence(), resize: async () => undefined, close: async () => close() }));
      await closed;
    }
  });
});
