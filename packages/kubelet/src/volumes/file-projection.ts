import type { ConfigMap, KeyToPath, Secret } from '@podling/shared/api';

/** One file of a volume that is made from objects of the API. */
export interface FileProjection {
  data: string | Buffer;
  /** Permission bits. */
  mode: number;
  /** UID that owns the file; root without one. */
  owner?: number | undefined;
}

/** Relative path in the volume → file. */
export type Payload = ReadonlyMap<string, FileProjection>;

/** Which keys become which files. */
export interface KeySelection {
  /** None: every key is a file of its own name. */
  items?: KeyToPath[] | undefined;
  /** A key that is not there is left out. */
  optional: boolean;
  defaultMode: number;
}

export function configMapPayload({ data = {}, binaryData = {} }: Pick<ConfigMap, 'data' | 'binaryData'>, selection: KeySelection): Payload {
  const contents = new Map<string, string | Buffer>([...Object.entries(data), ...decoded(binaryData)]);
  return select(contents, selection, (key) => `configmap references non-existent config key: ${key}`);
}

export function secretPayload({ data = {} }: Pick<Secret, 'data'>, selection: KeySelection): Payload {
  return select(new Map(decoded(data)), selection, (key) => `references non-existent secret key: ${key}`);
}

function select(contents: ReadonlyMap<string, string | Buffer>, { items = [], optional, defaultMode }: KeySelection, missing: (key: string) => string): Payload {
  if (items.length === 0) return new Map([...contents].map(([key, data]) => [key, { data, mode: defaultMode }]));
  const files = new Map<string, FileProjection>();
  for (const { key, path, mode = defaultMode } of items) {
    const data = contents.get(key);
    if (data !== undefined) files.set(path, { data, mode });
    else if (!optional) throw new Error(missing(key));
  }
  return files;
}

function decoded(data: Record<string, string>): [string, Buffer][] {
  return Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64')]);
}
