// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
// oxlint-disable-next-line no-control-regex
const CONTROL_EXCEPT_COLOR = /\u001b\[[0-9;]*m|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 0x80) return `\\x${code.toString(16)}`;
  return `^${String.fromCharCode(code === 0x7f ? 0x3f : code + 0x40)}`;
}

/** Makes text from a server safe for a terminal: control characters become visible (`^[`), tab and line feed stay. */
export function sanitize(text: string): string {
  return text.replace(CONTROL, visible);
}

/** The same for a program's own output: colour sequences and carriage returns stay too. */
export function sanitizeLog(text: string): string {
  return text.replace(CONTROL_EXCEPT_COLOR, (found) => (found.length > 1 ? found : visible(found)));
}

/** One table cell: text after the first line break is cut. */
export function sanitizeCell(text: string): string {
  const lineBreak = text.search(/[\f\n\r]/);
  return sanitize(lineBreak < 0 ? text : `${text.slice(0, lineBreak)}...`).replaceAll('\t', ' ');
}
