/** How deep objects may nest in a body. */
export const NESTING_LIMIT = 100;

/** A value that does not have the shape of its kind: 400 on the wire. */
export class DecodeError extends Error {
  /** `spec.containers[0].image`; '' for the whole value. */
  readonly field: string;
  readonly reason: string;

  constructor(field: string, reason: string) {
    super(field === '' ? reason : `${field}: ${reason}`);
    this.name = 'DecodeError';
    this.field = field;
    this.reason = reason;
  }
}

/** The place in an object while it is walked: fields by name, elements by number, map keys as `[key]`. */
export class FieldPath {
  readonly #steps: (string | number)[] = [];

  enter(step: string | number): void {
    this.#steps.push(step);
  }

  leave(): void {
    this.#steps.pop();
  }

  child(step: string | number): string {
    this.enter(step);
    const text = this.toString();
    this.leave();
    return text;
  }

  toString(): string {
    return this.#steps.reduce((text: string, step) => {
      if (typeof step === 'number') return `${text}[${step}]`;
      return text === '' || step.startsWith('[') ? text + step : `${text}.${step}`;
    }, '');
  }
}

/** Refuses a value that nests deeper than `limit`, before anything recurses into it. Throws {@link DecodeError}. */
export function checkNesting(value: unknown, limit = NESTING_LIMIT, at: FieldPath = new FieldPath()): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) throw new DecodeError(at.toString(), `nested deeper than ${limit} levels`);
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
}
