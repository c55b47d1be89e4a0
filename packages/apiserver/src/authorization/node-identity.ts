import type { User } from '../authentication/user.ts';

const nodesGroup = 'system:nodes';
const userPrefix = 'system:node:';

/** The node that a user is: '' for a member of system:nodes without a node's name, undefined for anybody else. */
export function nodeNameOf({ name, groups }: User): string | undefined {
  if (!groups.includes(nodesGroup) || !name.startsWith(userPrefix)) return undefined;
  return name.slice(userPrefix.length);
}
