/** What the system says of a file: `no such file or directory`. An error that is not the system's says it itself. */
export function systemProblem(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'EISDIR') return 'is a directory';
  // Node puts the code before the system's words, and the call and the file behind them.
  const prefix = `${code}: `;
  return code !== '' && message.startsWith(prefix) ? message.slice(prefix.length).replace(/, [a-z]+(?: '.*')?$/s, '') : message;
}

/** Why a file cannot be had: `open web.yaml: no such file or directory`. */
export function fileProblem(error: unknown, path: string): string {
  const { syscall = 'open', message } = error as NodeJS.ErrnoException;
  const problem = systemProblem(error);
  return problem === message ? message : `${syscall} ${path}: ${problem}`;
}
