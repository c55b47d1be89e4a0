/**
 * Runs of nerdctl that are at work on a pause container. A sandbox can be used as soon as its task is made: the network
 * is up by then, the namespaces are there; nerdctl has the process started and ends a while later. That it failed after
 * all is told late.
 *
 *     start ──task made──► id ──nerdctl has ended──► settled
 *       └──nerdctl failed──► error        └──nerdctl failed──► `onLateFailure`, settled
 */
export class PauseStarts {
  readonly #waiting = new Map<string, (id: string) => void>();
  readonly #settling = new Map<string, Promise<void>>();

  /** `run` resolves to the container's id when nerdctl has ended well. Resolves to the id as soon as it can be used. */
  async start(name: string, run: () => Promise<string>, onLateFailure: (id: string, error: unknown) => Promise<void>): Promise<string> {
    const made = Promise.withResolvers<string>();
    this.#waiting.set(name, made.resolve);
    const running = run();
    try {
      const id = await Promise.race([running, made.promise]);
      const settled = running.then(() => undefined, (error: unknown) => onLateFailure(id, error)).finally(() => this.#settling.delete(id));
      this.#settling.set(id, settled);
      return id;
    } finally {
      this.#waiting.delete(name);
    }
  }

  isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** The task of the container of this name was made. */
  taskMade(name: string, id: string): void {
    this.#waiting.get(name)?.(id);
  }

  /** Resolves when nerdctl leaves the container alone. */
  async settled(id: string): Promise<void> {
    await this.#settling.get(id);
  }

  isSettled(id: string): boolean {
    return !this.#settling.has(id);
  }
}
