import type { Logger } from '@podling/shared/util';
import type { Connection } from './connection.ts';

/** Older servers may announce progress before they have sent all events up to it. */
const firstTrusted = [3, 5, 13] as const;

/** Answers, once the server has been reached, whether its progress notices can be relied on; warns once if not. */
export function serverSupport(connection: Connection, logger: Logger): () => Promise<boolean> {
  let answer: Promise<boolean> | undefined;
  const ask = async (): Promise<boolean> => {
    const { version } = await connection.read((options) => connection.client.maintenance.status(options));
    const trusted = isAtLeast(version, firstTrusted);
    if (!trusted) logger.warn({ version, needed: firstTrusted.join('.') }, 'etcd is too old: bookmarks and consistent reads from the cache are off');
    return trusted;
  };
  return () => {
    answer ??= ask().catch((error: unknown) => {
      answer = undefined;
      throw error;
    });
    return answer;
  };
}

export function isAtLeast(version: string, wanted: readonly number[]): boolean {
  const parts = version.split(/[.-]/).map(Number);
  for (const [index, part] of wanted.entries()) {
    const have = parts[index] ?? 0;
    if (have !== part) return have > part;
  }
  return true;
}
