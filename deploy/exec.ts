import { execa } from 'execa';

/** A command that could not be run or ended with a status other than 0; the message carries what it said. */
export class CommandError extends Error {
  override name = 'CommandError';
}

export interface CommandOptions {
  input?: string;
  cwd?: string;
  env?: Record<string, string>;
  /** Returns standard error as well. */
  all?: boolean;
  /** Called with each line of the command's standard error. */
  onLine?: (line: string) => void;
}

/** Runs a command and returns its standard output. Raises CommandError. */
export async function run(command: string, args: string[], options: CommandOptions = {}): Promise<string> {
  const { onLine, input, ...rest } = options;
  const running = execa(command, args, { ...rest, ...(input === undefined ? { stdin: 'ignore' } : { input }), reject: false });
  if (onLine) void forward(running.iterable({ from: 'stderr' }), onLine);
  const result = await running;
  if (!result.failed) return String((options.all ? result.all : result.stdout) ?? '');
  const said = [result.stderr, result.stdout].map((text) => String(text ?? '').trim()).find((text) => text !== '');
  throw new CommandError(`${result.escapedCommand}: ${said ?? result.shortMessage ?? 'failed'}`, { cause: result });
}

/** Like `run`, and undefined where that raises: for questions whose answer may be no. */
export async function ask(command: string, args: string[], options?: CommandOptions): Promise<string | undefined> {
  try {
    return await run(command, args, options);
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

async function forward(lines: AsyncIterable<unknown>, onLine: (line: string) => void): Promise<void> {
  try {
    for await (const line of lines) onLine(String(line));
  } catch {
    // the command's own failure is reported by run
  }
}
