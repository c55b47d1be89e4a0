import type { Factory } from '../factory.ts';

export interface SessionFlags {
  stdin?: boolean;
  tty?: boolean;
  quiet?: boolean;
}

/** True when the session is to have a terminal: asked for, and standard input is one. */
export async function wantsTty({ io }: Factory, { stdin = false, tty = false, quiet = false }: SessionFlags): Promise<boolean> {
  if (!stdin || !tty) return false;
  if ((await io.inputTerminal()) !== undefined) return true;
  if (!quiet) io.err('Unable to use a TTY - input is not a terminal or the right kind of file\n');
  return false;
}
