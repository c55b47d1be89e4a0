import { CriError } from './cri.ts';

const DEFAULT_REGISTRY = 'docker.io';
const MAX_REFERENCE_LENGTH = 255;

const PATH_PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${PATH_PART}(?:/${PATH_PART})*$`);
const REGISTRY = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;

/**
 * The full name of an image as a user wrote it, by the rules of the distribution reference grammar: registry
 * `docker.io` and folder `library` when none is named, tag `latest` when neither tag nor digest is. A digest
 * says all: a tag beside it is left out.
 * Fails with `InvalidImageName`.
 */
export function normalizeImageReference(reference: string): string {
  const { rest, digest } = splitDigest(reference);
  const { name, tag } = splitTag(rest);
  const { registry, repository } = splitRegistry(name);
  const valid =
    REGISTRY.test(registry) &&
    REPOSITORY.test(repository) &&
    repository.length <= MAX_REFERENCE_LENGTH &&
    (tag === '' || TAG.test(tag)) &&
    (digest === '' || DIGEST.test(digest));
  if (!valid) throw new CriError('InvalidImageName', `couldn't parse image name "${reference}": invalid reference format`);
  const suffix = digest === '' ? `:${tag === '' ? 'latest' : tag}` : `@${digest}`;
  return `${registry}/${repository}${suffix}`;
}

/** `docker.io/library/busybox` of `busybox:1.36`: what `repoDigests` are made of. */
export function imageRepository(normalized: string): string {
  return splitTag(splitDigest(normalized).rest).name;
}

/** `registry:5000` of a full name. */
export function registryOf(normalized: string): string {
  return normalized.slice(0, normalized.indexOf('/'));
}

function splitDigest(reference: string): { rest: string; digest: string } {
  const at = reference.indexOf('@');
  if (at === -1) return { rest: reference, digest: '' };
  // An empty digest after the @ must not pass for "no digest".
  return { rest: reference.slice(0, at), digest: reference.slice(at + 1) || '@' };
}

function splitTag(rest: string): { name: string; tag: string } {
  const colon = rest.lastIndexOf(':');
  if (colon === -1 || colon < rest.lastIndexOf('/')) return { name: rest, tag: '' };
  return { name: rest.slice(0, colon), tag: rest.slice(colon + 1) || ':' };
}

function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = slash === -1 ? '' : name.slice(0, slash);
  const isRegistry = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  if (!isRegistry) return withLibrary(DEFAULT_REGISTRY, name);
  return withLibrary(first === 'index.docker.io' ? DEFAULT_REGISTRY : first, name.slice(slash + 1));
}

function withLibrary(registry: string, repository: string): { registry: string; repository: string } {
  const bare = registry === DEFAULT_REGISTRY && !repository.includes('/');
  return { registry, repository: bare ? `library/${repository}` : repository };
}
