import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileProblem } from '@podling/shared/file-problem';
import { CommandError } from '../errors.ts';
import type { AnyObject } from '../resource/object.ts';
import { ENTRY_KEYS } from './kubeconfig-files.ts';
import type { Entry, EntryList, Fields, MergedKubeconfig } from './kubeconfig-files.ts';

const FILE_FIELDS = ['certificate-authority', 'client-certificate', 'client-key'];
const SECRETS: Readonly<Record<string, string>> = {
  'certificate-authority-data': 'DATA+OMITTED',
  'client-certificate-data': 'DATA+OMITTED',
  'client-key-data': 'DATA+OMITTED',
  token: 'REDACTED',
  password: 'REDACTED',
};

function redact(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, Object.hasOwn(SECRETS, key) ? SECRETS[key] : value]));
}

async function flattenFields({ fields, file }: Entry): Promise<Fields> {
  const flat: Fields = { ...fields };
  for (const key of FILE_FIELDS) {
    const path = flat[key];
    if (typeof path !== 'string' || path === '') continue;
    try {
      flat[`${key}-data`] ??= (await readFile(resolve(dirname(file), path))).toString('base64');
    } catch (error) {
      throw new CommandError(`cannot read ${key} ${path}: ${fileProblem(error, path)}`, { cause: error });
    }
    delete flat[key];
  }
  return flat;
}

/** Paths as they hold from anywhere. */
function absolute({ fields, file }: Entry): Fields {
  const entries = Object.entries(fields);
  return Object.fromEntries(entries.map(([key, value]) => [key, FILE_FIELDS.includes(key) && typeof value === 'string' ? resolve(dirname(file), value) : value]));
}

/** Only what one context needs. */
export function minify(merged: MergedKubeconfig, contextName: string): MergedKubeconfig {
  const context = merged.contexts.find(({ name }) => name === contextName);
  if (contextName === '') throw new CommandError('current-context must exist in order to minify');
  if (context === undefined) throw new CommandError(`cannot locate context ${contextName}`);
  const only = (list: EntryList): Entry[] => merged[list].filter(({ name }) => name === context.fields[ENTRY_KEYS[list]]);
  return { currentContext: contextName, contexts: [context], clusters: only('clusters'), users: only('users') };
}

export interface ViewOptions {
  /** Secrets too. */
  raw: boolean;
  /** Files' contents in place of their paths. */
  flatten: boolean;
}

/** The kubeconfig as an object to print. */
export async function viewKubeconfig(merged: MergedKubeconfig, { raw, flatten }: ViewOptions): Promise<AnyObject> {
  const shown = async (list: EntryList): Promise<Fields[]> =>
    Promise.all(
      merged[list].map(async (entry) => {
        const fields = flatten ? await flattenFields(entry) : absolute(entry);
        return { name: entry.name, [ENTRY_KEYS[list]]: raw ? fields : redact(fields) };
      }),
    );
  const [clusters, contexts, users] = await Promise.all([shown('clusters'), shown('contexts'), shown('users')]);
  return { apiVersion: 'v1', kind: 'Config', clusters, contexts, users, 'current-context': merged.currentContext };
}
