import { orderFields } from '@podling/cri/v1';
import { CommandError } from '../report.ts';
import { sanitize } from '@podling/shared/sanitize';

export type DocumentFormat = 'json' | 'yaml';

/** A message of CRI as JSON or YAML: what is not set is left out, what has its default is not. `name` is CRI's name for it. */
export async function printMessage(name: string, message: object, format: DocumentFormat): Promise<string> {
  const shown = orderFields(name, message);
  return format === 'json' ? `${JSON.stringify(shown, null, 2)}\n` : yamlText(shown);
}

/** The status of a pod or a container: what is not set is null in it, and left out below. `name` is CRI's name for it. */
export function statusFields(name: string, status: object): object {
  return orderFields(name, status, { keepUnset: true });
}

export interface StatusDocument {
  status: object;
  runtimeHandlers?: object[];
  features?: object;
  /** Documents and words by name, as a verbose answer has them. */
  info: Record<string, string>;
}

/** One as it is, several as a list; keys in order. */
export async function printStatuses(statuses: readonly StatusDocument[], format: string): Promise<string> {
  const documents = statuses.map(({ info, ...rest }) => ({ ...rest, ...Object.fromEntries(Object.entries(info).map(([key, text]) => [key, infoValue(text)])) }));
  const shown = sortKeys(documents.length === 1 ? documents[0] : documents);
  if (format === 'yaml') return yamlText(shown);
  if (format !== 'json') throw unsupported(format);
  return `${escapeHtml(JSON.stringify(shown, null, 2))}\n`;
}

/** What is not one of the formats that a command has. */
export function unsupported(format: string): CommandError {
  const hint = format === 'go-template' ? ': use json and a tool like jq' : '';
  return new CommandError(`unsupported output format ${JSON.stringify(format)}${hint}`);
}

/** JSON where it looks like an object, words otherwise. */
function infoValue(text: string): unknown {
  if (!text.startsWith('{')) return text.replace(/^"+|"+$/g, '');
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new CommandError(`the runtime's verbose information is no JSON: ${sanitize((cause as Error).message)}`, { cause });
  }
}

async function yamlText(value: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return `${stringify(sortKeys(value), { version: '1.1', lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false })}\n`;
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sortKeys(inner)]));
}

/** What HTML gives a meaning, as other clients write it. */
function escapeHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
