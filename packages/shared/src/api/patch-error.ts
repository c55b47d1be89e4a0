/** A patch that cannot be applied to its object: 400 on the wire. */
export class PatchError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PatchError';
  }
}
