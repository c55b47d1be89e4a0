import { CommandError } from '../errors.ts';
import { ENTRY_KEYS } from './kubeconfig-files.ts';
import type { EntryList, KubeconfigFiles } from './kubeconfig-files.ts';

/** `clusters.NAME.FIELD`, `contexts.NAME` or `current-context`; names may hold dots. */
interface PropertyPath {
  list: EntryList;
  name: string;
  field: string | undefined;
}

const isList = (word: string): word is EntryList => Object.hasOwn(ENTRY_KEYS, word);

function parsePath(files: KubeconfigFiles, property: string): PropertyPath {
  const [list = '', ...words] = property.split('.');
  const rest = words.join('.');
  if (!isList(list) || rest === '') throw new CommandError(`unable to parse ${property}: it is none of current-context, clusters.NAME.FIELD, contexts.NAME.FIELD, users.NAME.FIELD`);
  const known = files.merged()[list].map(({ name }) => name).filter((name) => rest === name || rest.startsWith(`${name}.`));
  const name = known.sort((a, b) => b.length - a.length)[0] ?? (words.length > 1 ? words.slice(0, -1).join('.') : rest);
  const field = rest.slice(name.length + 1);
  return { list, name, field: field === '' ? undefined : field };
}

const BOOLEANS = new Set(['insecure-skip-tls-verify', 'disable-compression']);

function typedValue(field: string, text: string, raw: boolean): unknown {
  if (BOOLEANS.has(field)) {
    if (text !== 'true' && text !== 'false') throw new CommandError(`${field} is true or false, not ${JSON.stringify(text)}`);
    return text === 'true';
  }
  return field.endsWith('-data') && raw ? Buffer.from(text).toString('base64') : text;
}

/** `rawBytes`: data comes as it is and is kept in base64. */
export function setProperty(files: KubeconfigFiles, property: string, value: string, rawBytes: boolean): void {
  if (property === 'current-context') {
    files.currentContext = value;
    return;
  }
  const { list, name, field } = parsePath(files, property);
  if (field === undefined || name === '') throw new CommandError(`can't set a map to a value: ${property}: name a field of it`);
  files.put(list, name, { ...files.find(list, name)?.fields, [field]: typedValue(field, value, rawBytes) });
}

export function unsetProperty(files: KubeconfigFiles, property: string): void {
  if (property === 'current-context') {
    files.currentContext = '';
    return;
  }
  const { list, name, field } = parsePath(files, property);
  if (field === undefined) {
    if (!files.delete(list, name)) throw new CommandError(`current map key \`${name}\` is invalid`);
    return;
  }
  const entry = files.find(list, name);
  if (entry === undefined) throw new CommandError(`current map key \`${name}\` is invalid`);
  const { [field]: _, ...kept } = entry.fields;
  files.put(list, name, kept);
}
