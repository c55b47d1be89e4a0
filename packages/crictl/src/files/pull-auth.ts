import type { AuthConfig, Sent } from '@podling/cri/v1';
import type { Io } from '../io.ts';
import { CommandError } from '../report.ts';

/** How a pull says who it is. */
export interface AuthFlags {
  creds?: string;
  auth?: string;
  username?: string;
}

/** Undefined: nobody in particular. Asks for the password of `--username` where there is a terminal. */
export async function pullAuth({ creds, auth, username }: AuthFlags, io: Io): Promise<Sent<AuthConfig> | undefined> {
  const given = { creds: creds ?? io.env['CRICTL_CREDS'], auth: auth ?? io.env['CRICTL_AUTH'] };
  if (username !== undefined && username !== '') return { username, password: await askPassword(io) };
  if (given.creds && given.auth) throw new CommandError('both `--creds` and `--auth` are specified');
  if (given.creds) return credentials(given.creds);
  return given.auth ? { auth: given.auth } : undefined;
}

function credentials(text: string): Sent<AuthConfig> {
  const colon = text.indexOf(':');
  if (colon === 0) throw new CommandError("username can't be empty");
  return colon < 0 ? { username: text, password: '' } : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

const END_OF_LINE = /[\r\n]/;

/** A line of standard input, which a terminal does not show. */
async function askPassword(io: Io): Promise<string> {
  io.err('Enter Password:');
  const restore = io.inputTerminal?.raw();
  try {
    let typed = '';
    for await (const chunk of io.stdin) {
      typed += String(chunk);
      if (typed.includes('\u0003')) throw new CommandError('interrupted');
      if (END_OF_LINE.test(typed)) break;
    }
    return typed.split(END_OF_LINE)[0] ?? '';
  } finally {
    restore?.();
    io.err('\n');
  }
}
