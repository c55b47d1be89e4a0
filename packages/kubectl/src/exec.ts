import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a program with our own standard streams and answers its exit status; 128 and the signal's number when a signal
 * ended it. Ctrl-C reaches the program, which shares our terminal, and not us.
 */
export async function runProgram(program: string, args: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<number> {
  const ignore = (): void => {};
  const listeners = process.listeners('SIGINT');
  process.removeAllListeners('SIGINT');
  process.on('SIGINT', ignore);
  try {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...env } });
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    const { constants } = await import('node:os');
    return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  } finally {
    process.off('SIGINT', ignore);
    for (const listener of listeners) process.on('SIGINT', listener);
  }
}
