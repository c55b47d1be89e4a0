/** A selector that cannot be parsed: 400 on the wire. */
export class SelectorError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SelectorError';
  }
}
