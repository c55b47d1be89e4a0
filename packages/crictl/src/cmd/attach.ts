import { streamingFlags, streamingTls } from '../files/streaming-tls.ts';
import type { StreamingFlags } from '../files/streaming-tls.ts';
import { CommandError, doing } from '../report.ts';
import { joinStreams, terminalFor } from '../streams.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'CONTAINER-ID',
  description: "Attach to a running container's own process, from now on. It goes on when this ends: Ctrl-P Ctrl-Q on a terminal, Ctrl-C elsewhere.",
  flags: (command) => void streamingFlags(command).option('-i, --stdin', 'keep standard input open').option('-t, --tty', 'the container has a terminal'),
  run: async (session, words, options: StreamingFlags & { stdin?: boolean; tty?: boolean }) => {
    const [id, ...more] = words;
    if (id === undefined || more.length > 0) throw new CommandError(more.length > 0 ? 'one CONTAINER-ID is wanted' : 'ID cannot be empty');
    const { tty = false, stdin = false } = options;
    const terminal = tty ? terminalFor(session.io, { tty, stdin: true }) : undefined;
    const cri = await session.cri(streamingTls(options));
    await doing('attaching running container failed', async () => {
      const stream = await cri.attach(id, { tty, stdin, stdout: true, stderr: !tty });
      await joinStreams(session.io, stream, terminal);
    });
  },
};
