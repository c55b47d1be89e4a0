import { humanSize, humanSpan } from '../output/units.ts';
import { table } from '../output/table.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  verbs: {
    ls: {
      summary: "List what containerd's content store holds",
      aliases: ['list'],
      load: async () => ({ flags: (command) => void command.option('-q, --quiet', 'only digests'), run: (session, _words, options: { quiet?: boolean }) => doing('listing content', () => list(session, options)) }),
    },
    get: {
      summary: 'Write the bytes of a digest to standard output',
      load: async () => ({ usage: 'DIGEST', run: (session, words) => doing('reading content', () => get(session, words)) }),
    },
  },
};

async function list(session: Session, { quiet = false }: { quiet?: boolean }): Promise<void> {
  const blobs = await (await session.tools()).blobs();
  if (quiet) return session.out(blobs.map(({ digest }) => `${digest}\n`).join(''));
  const nowMs = session.io.clock.now();
  const rows = blobs.map(({ digest, sizeBytes, createdAtMs, labels }) => [digest, humanSize(sizeBytes, 3), humanSpan(nowMs - createdAtMs), Object.keys(labels).toSorted().map((key) => `${key}=${labels[key]}`).join(',') || '-']);
  session.out(table([['DIGEST', 'SIZE', 'AGE', 'LABELS'], ...rows]));
}

async function get(session: Session, words: string[]): Promise<void> {
  const [digest, ...more] = words;
  if (digest === undefined || more.length > 0) throw new CommandError('one digest is wanted');
  for await (const chunk of (await session.tools()).blob(digest)) {
    session.out(chunk);
    await session.io.flush();
  }
}
