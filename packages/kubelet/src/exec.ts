import { execa } from 'execa';

/** Runs a program of the node; fails with its message when it exits non-zero. The kubelet's only way to start one. */
export async function exec(file: string, args: readonly string[]): Promise<void> {
  await execa(file, args, { stdin: 'ignore' });
}
