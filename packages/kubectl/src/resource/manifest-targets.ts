import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import type { Failures } from '../failures.ts';
import { parseManifest } from './manifest.ts';
import type { ManifestDocument, ManifestObject } from './manifest.ts';
import { readManifestFiles } from './manifest-files.ts';
import type { FileOptions } from './manifest-files.ts';
import type { RestMapping } from './rest-mapping.ts';

/** An object of a manifest and where it belongs. */
export interface ManifestTarget {
  source: string;
  /** With its namespace filled in when the kind has one. */
  object: ManifestObject;
  mapping: RestMapping;
  namespace: string | undefined;
}

async function mappingOf(factory: Factory, { source, object }: ManifestDocument): Promise<RestMapping> {
  const mapping = await (await factory.mapper()).forKind(object.apiVersion, object.kind);
  if (mapping !== undefined) return mapping;
  const { name = '', namespace = '' } = object.metadata;
  throw new CommandError(
    `resource mapping not found for name: "${name}" namespace: "${namespace}" from "${source}": no matches for kind "${object.kind}" in version "${object.apiVersion}"\nensure CRDs are installed first`,
  );
}

/** With a selector, only what has the labels is meant of the files too. */
async function labelMatcher(selector: string | undefined): Promise<(document: ManifestDocument) => boolean> {
  if (selector === undefined) return () => true;
  const { parseLabelSelector } = await import('@podling/shared/api');
  try {
    const matcher = parseLabelSelector(selector);
    return ({ object }) => matcher.matches(object.metadata.labels);
  } catch (error) {
    throw new CommandError(`the provided selector ${JSON.stringify(selector)} is not valid: ${(error as Error).message}`, { cause: error });
  }
}

async function namespaceFor(factory: Factory, { metadata }: ManifestObject): Promise<string> {
  const asked = factory.askedNamespace;
  const { namespace } = metadata;
  if (namespace === undefined || namespace === '') return factory.namespace();
  if (asked !== undefined && asked !== namespace) {
    throw new CommandError(
      `the namespace from the provided object "${namespace}" does not match the namespace "${asked}". You must pass '--namespace=${namespace}' to perform this operation.`,
    );
  }
  return namespace;
}

async function toTarget(factory: Factory, document: ManifestDocument): Promise<ManifestTarget> {
  const { source, object } = document;
  const mapping = await mappingOf(factory, document);
  if (!mapping.namespaced) return { source, object, mapping, namespace: undefined };
  const namespace = await namespaceFor(factory, object);
  return { source, mapping, namespace, object: { ...object, metadata: { ...object.metadata, namespace } } };
}

/** Runs `handle` on every usable object of the files, in order. What is not usable goes to `failures`. Answers how many there were. */
export function forEachManifest(factory: Factory, options: FileOptions, failures: Failures, handle: (target: ManifestTarget) => Promise<void>): Promise<number> {
  return forEachDocument(factory, options, failures, async (document) => handle(await toTarget(factory, document)));
}

/** As {@link forEachManifest}, with the objects as the files have them: the server is not asked. */
export async function forEachDocument(
  factory: Factory,
  options: FileOptions,
  failures: Failures,
  handle: (document: ManifestDocument) => Promise<void>,
): Promise<number> {
  const files = await readManifestFiles(options, () => factory.io.readStdin());
  const isSelected = await labelMatcher(options.selector);
  const manifests = files.map(({ text, source }) => parseManifest(text, source)).map(({ documents, errors }) => ({ documents: documents.filter(isSelected), errors }));
  for (const { documents, errors } of manifests) {
    for (const document of documents) await failures.attempt(() => handle(document));
    for (const error of errors) await failures.add(error);
  }
  return manifests.reduce((sum, { documents, errors }) => sum + documents.length + errors.length, 0);
}
