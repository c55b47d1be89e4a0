import { execa } from 'execa';

const deadlineMs = 60_000;

/** Runs a program of the node; fails with its message when it exits non-zero or takes a minute. The kubelet's only way to start one. */
export async function exec(file: string, args: readonly string[]): Promise<void> {
  await execa(file, args, { stdin: 'ignore', timeout: deadlineMs });
}

/** What a program writes, also if it ends with an error; fails when it cannot be started or takes a minute. */
export async function execText(file: string, args: readonly string[]): Promise<string> {
  const { stdout, exitCode, originalMessage } = await execa(file, args, { stdin: 'ignore', timeout: deadlineMs, reject: false });
  if (exitCode === undefined) throw new Error(`${file}: ${originalMessage ?? 'was ended'}`);
  return stdout;
}
