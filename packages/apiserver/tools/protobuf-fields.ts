/**
 * Writes `src/endpoints/protobuf/field-numbers.ts`: for every model that a served kind reaches, the protobuf number of each
 * property. Run it again when a kind or a model has been added:
 *
 *     node packages/apiserver/tools/protobuf-fields.ts [FOLDER]
 *
 * FOLDER holds the Go modules k8s.io/api and k8s.io/apimachinery of VERSION, as `go mod download` leaves them; default
 * `$(go env GOMODCACHE)/k8s.io`. Only names and numbers are taken, from the field tags of the Go types.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { reachableModels } from '../src/endpoints/protobuf/reachable-models.ts';

const version = 'v0.36.0';
const target = join(import.meta.dirname, '../src/endpoints/protobuf/field-numbers.ts');

interface GoField {
  /** '' for an embedded struct whose fields JSON has inline. */
  name: string;
  /** Of Go, without its package. */
  type: string;
  /** Absent and zero are not the same. */
  optional: boolean;
  number: string;
}

type GoStructs = Map<string, GoField[]>;

function fieldOf(line: string): GoField[] {
  const [, declared = '', tags = ''] = /^\t([^`/]+)`([^`]*)`/.exec(line) ?? [];
  const number = /protobuf:"\w+,(\d+)/.exec(tags)?.[1];
  if (number === undefined) return [];
  const name = /json:"([^",]*)/.exec(tags)?.[1] ?? '';
  const type = declared.trim().split(/\s+/).at(-1) ?? '';
  return [{ name, type: type.replace(/^\*/, '').replace(/^.*\./, ''), optional: type.startsWith('*'), number }];
}

/** The structs of one Go package. */
function structsOf(folder: string): GoStructs {
  const text = globSync('*types*.go', { cwd: folder }).map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  const structs = [...text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)];
  return new Map(structs.map(([, name = '', body = '']) => [name, body.split('\n').flatMap(fieldOf)]));
}

/** `name=1`, `hostPath=2.1*`: the way through embedded structs, and a star where zero is a value. */
function entriesOf(structs: GoStructs, name: string, at = ''): string[] {
  return (structs.get(name) ?? []).flatMap((field) =>
    field.name === '' ? entriesOf(structs, field.type, `${at}${field.number}.`) : [`${field.name}=${at}${field.number}${field.optional ? '*' : ''}`]);
}

function folderOf(root: string, model: string): string {
  const [group = '', apiVersion = ''] = model.split('.');
  return group === 'meta' ? join(root, `apimachinery@${version}/pkg/apis/meta/${apiVersion}`) : join(root, `api@${version}/${group}/${apiVersion}`);
}

const root = process.argv[2] ?? join(homedir(), 'go/pkg/mod/k8s.io');
const packages = new Map<string, GoStructs>();
const lines = [...reachableModels()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([model, properties]) => {
  const folder = folderOf(root, model);
  const structs = packages.get(folder) ?? structsOf(folder);
  packages.set(folder, structs);
  const entries = entriesOf(structs, model.split('.')[2] ?? '').filter((entry) => properties.has(entry.replace(/=.*/, '')));
  return `  '${model}': '${entries.join(' ')}',\n`;
});
writeFileSync(target, `/** Made by tools/protobuf-fields.ts from the types of k8s.io/api ${version}; see there. */
export const fieldNumbers: Readonly<Record<string, string>> = {
${lines.join('')}};
`);
