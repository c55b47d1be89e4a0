/** In characters. */
interface Size {
  width: number;
  height: number;
}

/** The terminal that standard input is. */
export interface InputTerminal {
  /** Of the screen; undefined when standard output is none. */
  size(): Size | undefined;
  /** Answers what ends the listening. */
  onResize(listener: () => void): () => void;
  /** Hands every key on as it is typed, Ctrl-C too. Answers what undoes it; the end of the process does so as well. */
  raw(): () => void;
}

/** Raw until the answered function is called. `resize` hears the size now and whenever it changes; `redraws`: first another, which has the screen drawn anew. */
export function followTerminal(terminal: InputTerminal, resize: (size: Size) => void, redraws = false): () => void {
  const tell = (more = 0): void => {
    const size = terminal.size();
    if (size !== undefined) resize({ width: size.width + more, height: size.height + more });
  };
  if (redraws) tell(1);
  tell();
  const cook = terminal.raw();
  const stopListening = terminal.onResize(() => tell());
  return () => {
    stopListening();
    cook();
  };
}

const STTY_MS = 5_000;
/** What ends a process unless it listens, and by how much its exit status is above 128. */
const endings = { SIGHUP: 1, SIGQUIT: 3, SIGTERM: 15 } as const;

/** Node's raw mode goes on turning LF into CR LF, which spoils the screen of a program that moves down by LF alone. */
function passOutputAsItIs(): void {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'], timeout: STTY_MS });
}

function rawMode(stdin: NodeJS.ReadStream): () => void {
  const restore = (): void => void stdin.setRawMode(false);
  const ends = Object.entries(endings).map(([signal, number]) => [signal, () => process.exit(128 + number)] as const);
  stdin.setRawMode(true);
  passOutputAsItIs();
  process.once('exit', restore);
  for (const [signal, end] of ends) process.once(signal, end);
  return () => {
    restore();
    process.off('exit', restore);
    for (const [signal, end] of ends) process.off(signal, end);
  };
}

/** Undefined where standard input is none. */
export function inputTerminal({ stdin, stdout }: NodeJS.Process): InputTerminal | undefined {
  if (!stdin.isTTY) return undefined;
  return {
    size: () => (stdout.isTTY ? { width: stdout.columns, height: stdout.rows } : undefined),
    onResize: (listener) => {
      stdout.on('resize', listener);
      return () => stdout.off('resize', listener);
    },
    raw: () => rawMode(stdin),
  };
}
