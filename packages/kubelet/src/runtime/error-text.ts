/**
 * One line for a user, the same for the same fault: gRPC adds the time of each try and a note on name resolution,
 * which would make every repeat a new Event and a new node condition.
 */
export function errorText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split('\n', 1)[0] ?? '';
  return line
    .replace(/^CriError: /, '')
    .replace(/\.?\s*Resolution note:.*$/, '')
    .replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)/g, '')
    .trim();
}
