import { stat } from 'node:fs/promises';
import { basename, normalize, posix, resolve } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import type { Pod } from '@podling/shared/api';
import { sanitize } from '@podling/shared/sanitize';
import { archivePrefix, parseFileSpec } from '../copy/file-spec.ts';
import type { FileSpec } from '../copy/file-spec.ts';
import { packTree } from '../copy/pack-tree.ts';
import { unpackTree } from '../copy/unpack-tree.ts';
import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { numberOption } from '../flags.ts';
import { podPath } from '../resource/attachable-pod.ts';
import { chooseContainer } from '../resource/pod-container.ts';
import { runRemote } from '../session/remote-command.ts';
import type { RemoteCommand } from '../session/remote-command.ts';
import type { Verb } from '../verb.ts';
import { refuseCompleted } from './exec.ts';

export interface CopyOptions {
  container?: string;
  preserve: boolean;
  retries: number;
}

/** A command in the pod that is copied to or from. */
type Run = (command: Omit<RemoteCommand, 'path' | 'container'>) => Promise<number>;

const IS_FOLDER_MS = 30_000;

/** Copies files and folders between this machine and a container that has `tar`, in a stream. */
export async function cp(factory: Factory, words: string[], options: CopyOptions): Promise<number> {
  if (words.length !== 2) throw new CommandError('source and destination are required');
  const [source, destination] = words.map(parseFileSpec) as [FileSpec, FileSpec];
  if (source.pod !== undefined && destination.pod !== undefined) throw new CommandError('one of src or dest must be a local file specification');
  if (source.file === '' || destination.file === '') throw new CommandError('filepath can not be empty');
  const remote = source.pod === undefined ? destination : source;
  if (remote.pod === undefined) throw new CommandError('one of src or dest must be a remote file specification');
  if (source.pod !== undefined) return copyFromPod(factory, source, destination, options);
  const isThere = await stat(source.file).then(() => true, () => false);
  if (!isThere) throw new CommandError(`${source.file} doesn't exist in local filesystem`);
  return copyToPod(factory, source, destination, options);
}

async function inPod(factory: Factory, { pod: name = '', namespace }: FileSpec, options: CopyOptions): Promise<Run> {
  const where = namespace ?? (await factory.namespace());
  const pod = await (await factory.client()).request<Pod>({ path: podPath(where, name) });
  refuseCompleted('exec into', pod);
  const container = chooseContainer(pod, options.container, (line) => factory.io.err(line)).name;
  return (command) => runRemote(factory, { path: podPath(where, name, 'exec'), container, ...command });
}

async function copyToPod(factory: Factory, source: FileSpec, destination: FileSpec, options: CopyOptions): Promise<number> {
  const run = await inPod(factory, destination, options);
  const name = basename(resolve(source.file));
  const target = posix.normalize((await isFolder(run, destination.file)) ? posix.join(destination.file, name) : destination.file);
  const keep = options.preserve ? [] : ['--no-same-permissions', '--no-same-owner'];
  const command = ['tar', ...keep, '-xmf', '-', '-C', posix.dirname(target)];
  const input = packTree(normalize(source.file), posix.basename(target), (message) => factory.warn(message.trimEnd()));
  return told(factory, await run({ command, input, output: printing(factory, 'out'), errors: printing(factory, 'err') }));
}

async function isFolder(run: Run, path: string): Promise<boolean> {
  const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });
  const signal = AbortSignal.timeout(IS_FOLDER_MS);
  try {
    return (await run({ command: ['test', '-d', path], output: nowhere(), errors: nowhere(), signal })) === 0;
  } catch (error) {
    // An image may have no `test`; what is really wrong shows in a moment.
    if (signal.aborted) throw new CommandError('context deadline exceeded', { cause: error });
    return false;
  }
}

async function copyFromPod(factory: Factory, source: FileSpec, destination: FileSpec, options: CopyOptions): Promise<number> {
  const run = await inPod(factory, source, options);
  const reading = new ArchiveReading(factory, run, source.file, options.retries);
  const target = normalize(destination.file);
  try {
    await unpackTree(reading, {
      prefix: archivePrefix(source.file),
      target,
      warn: (message) => factory.io.err(`warning: ${message}`),
      onLink: linkWarning(factory, source),
    });
  } catch (error) {
    if (reading.exitCode === 0) throw error;
  }
  return told(factory, reading.exitCode);
}

/** The archive as the container writes it; with `retries`, one that breaks off is resumed where it was. */
class ArchiveReading implements AsyncIterable<Buffer> {
  exitCode = 0;
  readonly #factory: Factory;
  readonly #run: Run;
  readonly #file: string;
  readonly #retries: number;

  constructor(factory: Factory, run: Run, file: string, retries: number) {
    this.#factory = factory;
    this.#run = run;
    this.#file = file;
    this.#retries = retries;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    let bytes = 0;
    for (let attempt = 0; ; attempt += 1) {
      try {
        for await (const chunk of this.#attempt(bytes)) {
          bytes += chunk.length;
          yield chunk;
        }
        return;
      } catch (error) {
        if (this.#retries >= 0 && attempt >= this.#retries) throw error;
        this.#factory.io.out(`Resuming copy at ${bytes} bytes, retry ${attempt + 1}/${this.#retries}\n`);
      }
    }
  }

  async *#attempt(from: number): AsyncGenerator<Buffer> {
    const output = new PassThrough();
    const quoted = `'${this.#file.replaceAll("'", String.raw`'\''`)}'`;
    const command = this.#retries === 0 ? ['tar', 'cf', '-', this.#file] : ['sh', '-c', `tar cf - ${quoted} | tail -c+${from + 1}`];
    const running = this.#run({ command, output, errors: printing(this.#factory, 'out') });
    running.catch((error: unknown) => output.destroy(error as Error));
    yield* output as AsyncIterable<Buffer>;
    this.exitCode = await running;
  }
}

function linkWarning(factory: Factory, { namespace = '', pod, file }: FileSpec): (from: string, to: string) => void {
  let hint = ` (consider using "kubectl exec -n ${JSON.stringify(namespace)} ${JSON.stringify(pod)} -- tar cf - ${JSON.stringify(file)} | tar xf -")`;
  return (from, to) => {
    factory.io.err(`warning: skipping symlink: ${JSON.stringify(from)} -> ${JSON.stringify(to)}${hint}\n`);
    hint = '';
  };
}

/** What a container says goes to a terminal only as text. */
function printing({ io }: Factory, to: 'out' | 'err'): Writable {
  const decoder = new TextDecoder();
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      io[to](sanitize(decoder.decode(chunk, { stream: true })));
      done();
    },
  });
}

function told(factory: Factory, exitCode: number): number {
  if (exitCode !== 0) factory.io.err(`command terminated with exit code ${exitCode}\n`);
  return exitCode;
}

export const verb: Verb<CopyOptions> = {
  usage: '<file-spec-src> <file-spec-dest>',
  flags: (command) => {
    command
      .option('-c, --container <name>', 'the container; if left out, the annotation kubectl.kubernetes.io/default-container or the first')
      .option('--no-preserve', 'leave ownership and permissions of what is copied to a container to the container')
      .addOption(numberOption('--retries <times>', 'how often a copy from a container is resumed; below 0 for ever').default(0));
  },
  run: cp,
};
