import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Tags } from 'yaml';
import { checkNesting, DecodeError, NESTING_LIMIT } from './decode-error.ts';
import { newBadRequest, newRequestTooLarge } from './errors.ts';

const maxAliases = 100;
/** Parsing takes a second for each half MiB, and nobody else is served meanwhile. */
const maxYamlBytes = 128 * 1024;

const strange = new Set(['binary', 'omap', 'pairs', 'set', 'timestamp'].map((name) => `tag:yaml.org,2002:${name}`));

/** YAML 1.1 as Go's parser reads it: `yes` is a boolean and `0644` octal, but a time is a string and `1:30` no number. */
function goTags(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag === 'string' || (!strange.has(tag.tag) && !('format' in tag && tag.format === 'TIME')));
}

/** `line 3: key "name" already set in map`, for each key that comes twice. */
function repeatedKeys({ contents }: Document, lines: LineCounter): string[] {
  const found: string[] = [];
  const visit = (node: unknown, depth: number): void => {
    if (depth > NESTING_LIMIT) throw new DecodeError('', `nested deeper than ${NESTING_LIMIT} levels`);
    if (isSeq(node)) for (const item of node.items) visit(item, depth + 1);
    if (!isMap(node)) return;
    const seen = new Set<unknown>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? key.value : key;
      if (seen.has(name)) found.push(`line ${lines.linePos(isScalar(key) ? key.range?.[0] ?? 0 : 0).line}: key ${JSON.stringify(name)} already set in map`);
      seen.add(name);
      visit(value, depth + 1);
    }
  };
  visit(contents, 0);
  return found;
}

export interface ParsedYaml {
  value: unknown;
  repeated: string[];
}

/** Throws 400 for a text that is no YAML document, 413 for one that is too long. */
export function parseYaml(bytes: Buffer): ParsedYaml {
  if (bytes.length > maxYamlBytes) throw newRequestTooLarge(`Request entity too large: limit for YAML is ${maxYamlBytes}, send JSON instead`);
  try {
    const lines = new LineCounter();
    const document = parseDocument(bytes.toString('utf8'), { uniqueKeys: false, schema: 'yaml-1.1', customTags: goTags, lineCounter: lines });
    const [first] = document.errors;
    if (first?.code === 'MULTIPLE_DOCS') throw new DecodeError('', `there is more than one document: the second begins on line ${lines.linePos(first.pos[0]).line}`);
    if (first) throw first;
    const repeated = repeatedKeys(document, lines);
    const value: unknown = document.toJS({ maxAliasCount: maxAliases });
    checkNesting(value);
    return { value, repeated };
  } catch (cause) {
    // Without the lines that a picture of the place takes.
    const [why = ''] = (cause instanceof Error ? cause.message : String(cause)).split(/:?\n/);
    throw newBadRequest(`error converting YAML to JSON: ${why}`, { cause });
  }
}
