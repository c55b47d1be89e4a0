/** A stream was refused by somebody who says so in plain text, broke, or ended without saying how. */
export class StreamError extends Error {
  override readonly name = 'StreamError';
}
