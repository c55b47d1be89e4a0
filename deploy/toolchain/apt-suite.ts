import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../exec.ts';
import { SourceUnavailableError } from './tool.ts';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Words that make apt look at another suite of the machine's own distribution, with lists, cache and state below
 * `folder`, so that the machine's own apt knows nothing of it. The package lists are fetched.
 */
export async function suiteOptions(suite: string, folder: string): Promise<string[]> {
  const uri = await ownRepository();
  const paths = { list: join(folder, 'sources.list'), lists: join(folder, 'lists'), cache: join(folder, 'cache'), status: join(folder, 'status') };
  await Promise.all([paths.lists, paths.cache].map((path) => mkdir(join(path, 'partial'), { recursive: true })));
  const key = existsSync(keyring) ? `[signed-by=${keyring}] ` : '';
  await Promise.all([writeFile(paths.list, `deb ${key}${uri} ${suite} main\n`), writeFile(paths.status, '')]);
  const settings = {
    'Dir::Etc::sourcelist': paths.list,
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': paths.lists,
    'Dir::State::status': paths.status,
    'Dir::Cache': paths.cache,
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await run('apt-get', [...options, 'update', '-q']);
  return options;
}

/** The repository that this machine's packages come from. */
async function ownRepository(): Promise<string> {
  const targets = await run('apt-get', ['indextargets', '--format', '$(LABEL)|$(REPO_URI)', 'Created-By: Packages']);
  const rows = targets.split('\n').map((line) => line.split('|'));
  const [, uri] = rows.find(([label]) => label === 'Debian') ?? [];
  if (uri === undefined) throw new SourceUnavailableError('this is no Debian with package lists');
  return uri;
}
