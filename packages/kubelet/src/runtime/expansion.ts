/** Arguments or environment are longer than the kernel takes. */
export class ExpansionError extends Error {
  override readonly name = 'ExpansionError';
}

/** What the kernel takes of arguments and environment together, execve(2): three quarters of 8 MiB. */
const maxLength = 6 * 1024 * 1024;

/**
 * How long the texts of one process may become together: values made of values double with each line, and 30 lines
 * would be more than there is memory.
 */
export class ExpansionRoom {
  #left = maxLength;

  /** Fails with `ExpansionError`. */
  take({ length }: string): void {
    this.#left -= length;
    if (this.#left < 0) throw new ExpansionError('argument list too long');
  }
}

/**
 * Replaces `$(NAME)` by its value; `$$` is a literal `$`; a name without a value stays as written. Fails with
 * `ExpansionError` when the values do not fit into `room`, which all texts of a process share.
 * Upstream twin: k8s.io/kubernetes third_party/forked/golang/expansion.
 */
export function expand(input: string, lookup: (name: string) => string | undefined, room = new ExpansionRoom()): string {
  return input.replace(/\$\$|\$\(([^)]*)\)/g, (match, name: string | undefined) => {
    if (match === '$$') return '$';
    const value = lookup(name ?? '') ?? match;
    room.take(value);
    return value;
  });
}
