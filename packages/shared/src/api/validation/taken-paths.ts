import type { FieldError } from '../errors.ts';
import { invalid } from './field-errors.ts';

/** The paths that sources of one volume have taken. */
export class TakenPaths {
  readonly #paths = new Set<string>();
  readonly #volumePath: string;

  constructor(volumePath: string) {
    this.#volumePath = volumePath;
  }

  /** `shown` is the value that the violation tells. */
  take(file: string, shown: unknown = file): FieldError[] {
    if (this.#paths.has(file)) return [invalid(this.#volumePath, shown, 'conflicting duplicate paths')];
    this.#paths.add(file);
    return [];
  }
}
