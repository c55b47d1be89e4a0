/** What a user is shown of a program's output at most. */
export const maxOutputBytes = 10 * 1024;

/** Output as text for an Event: at most 10 KiB; what a terminal would act on, and bytes that are no text, are replaced. */
export function printableText(output: Buffer): string {
  // oxlint-disable-next-line no-control-regex
  return output.toString('utf8', 0, maxOutputBytes).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
