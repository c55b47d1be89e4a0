/** Runs a program and answers what it wrote. */
export type ExecText = (file: string, args: readonly string[]) => Promise<string>;

/**
 * Bytes that folders take on their own file system, by path; a folder that cannot be read is not there. One process
 * for all: du(1) walks them by descriptors, so that no container can send it elsewhere.
 */
export async function diskUsage(folders: readonly string[], execText: ExecText): Promise<Map<string, bigint>> {
  if (folders.length === 0) return new Map();
  const text = await execText('du', ['--summarize', '--one-file-system', '--block-size=1', '--', ...folders]);
  return parseUsage(text);
}

function parseUsage(text: string): Map<string, bigint> {
  const lines = text.split('\n').map((line) => /^(\d+)\t(.+)$/.exec(line));
  return new Map(lines.flatMap((match) => (match ? [[match[2] ?? '', BigInt(match[1] ?? 0)] as const] : [])));
}
