import type { CriConnection } from '@podling/cri/v1';
import { streamingFlags, streamingTls } from '../files/streaming-tls.ts';
import type { StreamingFlags } from '../files/streaming-tls.ts';
import { listContainers, queryFlags } from '../listing/containers.ts';
import type { ContainerQuery } from '../listing/containers.ts';
import { wholeNumber } from '../listing/filters.ts';
import { all, CommandError, doing, ExitError } from '../report.ts';
import type { Session } from '../session.ts';
import { joinStreams, terminalFor } from '../streams.ts';
import type { Verb } from '../verb.ts';

interface Options extends ContainerQuery, StreamingFlags {
  ignoreErrors?: boolean;
  interactive?: boolean;
  parallel?: boolean;
  quiet?: boolean;
  sync?: boolean;
  timeout: string;
  tty?: boolean;
}

interface Target {
  ids: string[];
  command: string[];
  /** Several may be meant: each is named before what it says. */
  named: boolean;
}

/** What a runtime may take beyond the command's own time. */
const MARGIN_MS = 30_000;

export const verb: Verb = {
  usage: '[CONTAINER-ID] COMMAND [ARG...]',
  description: 'Run a command in a running container, and exit with its exit code.\n\nThe CONTAINER-ID is left out with one of: --image, --label, --last, --latest, --name, --pod, --state.',
  passThrough: true,
  flags: (command) =>
    void streamingFlags(queryFlags(command))
      .option('-e, --ignore-errors', 'errors of the command are none')
      .option('-i, --interactive', 'keep standard input open')
      .option('-x, --parallel', 'in several containers at once')
      .option('-q, --quiet', 'do not name the containers')
      .option('--state <state>', 'filter by state: created, running, exited, unknown')
      .option('-s, --sync', 'have its output when it has ended')
      .option('--timeout <seconds>', 'how long it may take, with --sync; 0 for ever', '0')
      .option('-t, --tty', 'give it a terminal'),
  run: async (session, words, options: Options) => {
    const tls = streamingTls(options);
    const cri = await session.cri(tls);
    const { ids, command, named } = await targetOf(cri, words, options);
    if (options.ignoreErrors === true && options.quiet !== true) session.say('warning', 'The `--ignore-errors` option has been set: all errors returned by the command will be ignored.');
    const work = ids.map((id) => async (): Promise<void> => {
      if (named) session.out(`${id}:\n`);
      await (options.sync === true ? execSync(session, cri, id, command, options) : execStreams(session, cri, id, command, options));
    });
    try {
      if (options.parallel === true) await all(work);
      else for (const one of work) await one();
    } catch (error) {
      if (options.ignoreErrors !== true) throw error;
      session.say('debug', `Ignoring errors: ${(error as Error).message}`);
    }
  },
};

async function targetOf(cri: CriConnection, words: string[], { latest, last, name, pod, image, state, label, quiet = false, parallel = false }: Options): Promise<Target> {
  const isQuery = [latest, last, name, pod, image, state, label].some((one) => one !== undefined);
  if (!isQuery) {
    const [id, ...command] = words;
    if (id === undefined || command.length === 0) throw new CommandError('a CONTAINER-ID and a COMMAND are wanted');
    return { ids: [id], command, named: false };
  }
  if (words.length === 0) throw new CommandError('a COMMAND is wanted');
  const query = Object.fromEntries(Object.entries({ latest, last, name, pod, image, state, label }).filter(([, value]) => value !== undefined)) as ContainerQuery;
  const ids = (await doing('listing containers', () => listContainers(cri, query))).map(({ id }) => id);
  if (ids.length === 0) throw new CommandError('No containers found per filter flags');
  return { ids, command: words, named: !quiet && !parallel };
}

async function execSync(session: Session, cri: CriConnection, containerId: string, cmd: string[], { timeout }: Options): Promise<void> {
  const seconds = wholeNumber(timeout, 'timeout');
  await doing(`execing command in container ${containerId} synchronously`, async () => {
    const limits = { deadlineMs: seconds > 0 ? seconds * 1000 + MARGIN_MS : Infinity };
    const { stdout, stderr, exitCode } = await cri.runtime('ExecSync', { containerId, cmd, timeout: String(seconds) }, limits);
    session.out(stdout);
    session.io.err(stderr);
    if (exitCode !== 0) throw new ExitError(exitCode);
  });
}

async function execStreams(session: Session, cri: CriConnection, containerId: string, command: string[], { tty = false, interactive: stdin = false }: Options): Promise<void> {
  await doing(`execing command in container ${containerId}`, async () => {
    const terminal = terminalFor(session.io, { tty, stdin });
    const stream = await cri.exec(containerId, { command, tty, stdin, stdout: true, stderr: !tty });
    const exitCode = await joinStreams(session.io, stream, terminal);
    if (exitCode === undefined && session.io.interrupted.aborted) throw new CommandError('interrupted');
    if (exitCode !== undefined && exitCode !== 0) throw new ExitError(exitCode);
  });
}
