/** `pid` is that of the pause process, where it is known. */
export interface StartedPause {
  id: string;
  pid: number | undefined;
}

interface Waiting {
  id: string | undefined;
  made: (started: StartedPause) => void;
}

/**
 * Runs of nerdctl that are at work on a pause container. A sandbox can be used as soon as its task is made: the network
 * is up by then, the namespaces are there; nerdctl has the process started and ends a while later. That it failed after
 * all is told late.
 *
 *     start ──container made, task made──► id, pid ──nerdctl has ended──► settled
 *       └──nerdctl failed──► error                    └──nerdctl failed──► `onLateFailure`, settled
 */
export class PauseStarts {
  /** By the container's name. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #settling = new Map<string, Promise<void>>();

  /** `run` resolves to the container's id when nerdctl has ended well. Resolves as soon as the sandbox can be used. */
  async start(name: string, run: () => Promise<string>, onLateFailure: (id: string, error: unknown) => Promise<void>): Promise<StartedPause> {
    const made = Promise.withResolvers<StartedPause>();
    this.#waiting.set(name, { id: undefined, made: made.resolve });
    const running = run();
    try {
      const started = await Promise.race([running.then((id) => ({ id, pid: undefined })), made.promise]);
      const { id } = started;
      const settled = running.then(() => undefined, (error: unknown) => onLateFailure(id, error)).finally(() => this.#settling.delete(id));
      this.#settling.set(id, settled);
      return started;
    } finally {
      this.#waiting.delete(name);
    }
  }

  isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  containerMade(name: string, id: string): void {
    const waiting = this.#waiting.get(name);
    if (waiting !== undefined) waiting.id = id;
  }

  /** Its process is there. Of a container of which it was not told that it was made, nerdctl's end tells. */
  taskMade(id: string, pid: number): void {
    this.#waiting.values().find((waiting) => waiting.id === id)?.made({ id, pid });
  }

  /** Resolves when nerdctl leaves the container alone. */
  async settled(id: string): Promise<void> {
    await this.#settling.get(id);
  }

  isSettled(id: string): boolean {
    return !this.#settling.has(id);
  }
}
