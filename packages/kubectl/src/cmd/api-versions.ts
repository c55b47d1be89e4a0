import { refuseWords } from '../errors.ts';
import type { Factory } from '../factory.ts';
import type { Verb } from '../verb.ts';

interface GroupList {
  groups: { versions: { groupVersion: string }[] }[];
}

/** Prints every group and version the server has. */
async function apiVersions(factory: Factory, words: string[]): Promise<number> {
  refuseWords('api-versions', words);
  const rest = await factory.client();
  const [core, named] = await Promise.all([rest.request<{ versions: string[] }>({ path: '/api' }), rest.request<GroupList>({ path: '/apis' })]);
  const versions = [...core.versions, ...named.groups.flatMap((group) => group.versions.map(({ groupVersion }) => groupVersion))];
  factory.io.out(versions.toSorted().map((version) => `${version}\n`).join(''));
  return 0;
}

export const verb: Verb = { run: apiVersions };
