import { LineCounter, parse, parseAllDocuments } from 'yaml';
import type { Document, ScalarTag, Tags, YAMLParseError } from 'yaml';
import { CommandError } from '../errors.ts';
import type { AnyObject } from './object.ts';

/** An object of a manifest, not yet looked at beyond its type and name. */
export interface ManifestObject extends AnyObject {
  apiVersion: string;
  kind: string;
  metadata: NonNullable<AnyObject['metadata']> & { generateName?: string };
}

export interface ManifestDocument {
  /** The file as the user named it, or `STDIN`. */
  source: string;
  object: ManifestObject;
}

export interface Manifest {
  documents: ManifestDocument[];
  /** One per document that cannot be used; the others stand. */
  errors: CommandError[];
}

const ALIASES_PER_DOCUMENT = 100;
const SURPRISING_TAGS = new Set(['binary', 'omap', 'pairs', 'set', 'timestamp'].map((name) => `tag:yaml.org,2002:${name}`));

const newOctal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0o[0-7]+$/,
  resolve: (text) => Number.parseInt(text.replace('0o', ''), 8),
};

/** YAML 1.1 as Kubernetes reads it: octal `0644` (and `0o644`) and `yes` count, times stay text and `1:30` is no number. */
function kubernetesTags(tags: Tags): Tags {
  return [newOctal, ...tags.filter((tag) => typeof tag === 'string' || !(SURPRISING_TAGS.has(tag.tag) || tag.format === 'TIME'))];
}

function syntaxError(source: string, error: YAMLParseError): CommandError {
  const [message = '', ...frame] = error.message.split('\n');
  const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
  const what = message.replace(/ at line \d+, column \d+:?$/, '');
  return new CommandError(`error parsing ${source}: line ${line}, column ${col}: ${what}${frame.map((text) => `\n${text}`).join('').trimEnd()}`);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is wrong with the shape that every object has; undefined when nothing is. */
function shapeProblem(value: unknown): string | undefined {
  if (!isMapping(value)) return 'it is not an object with apiVersion, kind and metadata';
  if (typeof value['apiVersion'] !== 'string' || value['apiVersion'] === '') return 'apiVersion not set';
  if (typeof value['kind'] !== 'string' || value['kind'] === '') return 'kind not set';
  if (Array.isArray(value['items']) && value['kind'].endsWith('List')) return undefined;
  // Asked, not stored, and so without a name.
  if (value['kind'].endsWith('Review')) return undefined;
  if (!isMapping(value['metadata'])) return 'metadata not set';
  const metadata = value['metadata'];
  const unquoted = ['name', 'generateName', 'namespace'].find((key) => !['string', 'undefined'].includes(typeof (metadata[key] ?? undefined)));
  if (unquoted !== undefined) return `metadata.${unquoted} is not a string: put it in quotes`;
  return (metadata['name'] ?? '') === '' && (metadata['generateName'] ?? '') === '' ? 'metadata.name not set' : undefined;
}

/** A `List` counts as the objects it holds. */
function flatten(value: unknown): unknown[] {
  return isMapping(value) && typeof value['kind'] === 'string' && value['kind'].endsWith('List') && Array.isArray(value['items'])
    ? value['items'].flatMap(flatten)
    : [value];
}

function toValue(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES_PER_DOCUMENT }) as unknown;
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function readDocument(manifest: Manifest, source: string, line: number, document: Document.Parsed): void {
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    manifest.errors.push(syntaxError(source, syntax));
    return;
  }
  try {
    for (const value of flatten(toValue(document))) {
      if (value === null) continue;
      const problem = shapeProblem(value);
      if (problem !== undefined) throw new CommandError(problem);
      manifest.documents.push({ source, object: { ...(value as ManifestObject), metadata: (value as Partial<ManifestObject>).metadata ?? {} } });
    }
  } catch (error) {
    manifest.errors.push(new CommandError(`error parsing ${source}: document at line ${line}: ${(error as Error).message}`, { cause: error }));
  }
}

/** Reads one value of YAML or JSON: a patch. Throws what the parser says. */
export function parseValue(text: string): unknown {
  return parse(text, { version: '1.1', customTags: kubernetesTags, maxAliasCount: ALIASES_PER_DOCUMENT, logLevel: 'error' }) as unknown;
}

/** Reads all documents of a YAML or JSON text. A document that is wrong does not take the others with it. */
export function parseManifest(text: string, source: string): Manifest {
  const manifest: Manifest = { documents: [], errors: [] };
  const lineCounter = new LineCounter();
  let parsed;
  try {
    parsed = parseAllDocuments(text, { version: '1.1', customTags: kubernetesTags, lineCounter, logLevel: 'silent' });
  } catch (error) {
    manifest.errors.push(new CommandError(`error parsing ${source}: ${(error as Error).message}`, { cause: error }));
    return manifest;
  }
  for (const document of parsed) {
    readDocument(manifest, source, lineCounter.linePos(document.contents?.range[0] ?? document.range[0]).line, document);
  }
  return manifest;
}
