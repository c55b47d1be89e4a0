import { isConnectionError } from './errors.ts';
import type { Factory } from './factory.ts';

/**
 * Lets a command go on after one object failed and remember it for the exit status. A broken connection ends the
 * command at once: every further object would fail the same way.
 */
export class Failures {
  readonly #factory: Factory;
  #count = 0;

  constructor(factory: Factory) {
    this.#factory = factory;
  }

  async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (isConnectionError(error)) throw error;
      await this.add(error);
      return undefined;
    }
  }

  async add(error: unknown): Promise<void> {
    this.#count += 1;
    await this.#factory.report(error);
  }

  get exitCode(): number {
    return this.#count === 0 ? 0 : 1;
  }
}
