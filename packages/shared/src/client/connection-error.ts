/** The server was not reached, or the connection broke. `cause` is the socket's error where there is one. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** The server's base URL. */
  readonly server: string;

  constructor(server: string, what: string, options?: ErrorOptions) {
    super(`${server}: ${what}`, options);
    this.server = server;
  }

  /** The socket's error code (`ECONNREFUSED`, `ETIMEDOUT` …), if it had one. */
  get code(): string | undefined {
    const cause = this.cause as { code?: unknown } | undefined;
    return typeof cause?.code === 'string' ? cause.code : undefined;
  }
}

/** Wraps a socket's error; the refused addresses of a host with several are told one by one. */
export function connectionError(server: string, error: unknown): ConnectionError {
  return new ConnectionError(server, describe(error), { cause: error });
}

function describe(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(describe).join('; ');
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}
