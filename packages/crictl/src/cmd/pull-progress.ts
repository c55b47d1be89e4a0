import type { Blob, ContainerdTools, Ingest } from '@podling/cri/containerd-tools';
import { sanitize } from '@podling/shared/sanitize';
import { humanSize } from '../output/units.ts';
import { CommandError } from '../report.ts';
import type { Session } from '../session.ts';

export const progressModes = ['auto', 'tty', 'plain', 'none'] as const;
export type ProgressMode = (typeof progressModes)[number];

const EVERY_MS = 100;
const BAR = 30;

/**
 * Shows on standard error what is fetched while a pull goes on, until the returned function is called. What containerd is
 * writing is asked of its own API; of another runtime only the time can be told.
 */
export async function showProgress(session: Session, image: string, asked: ProgressMode): Promise<() => Promise<void>> {
  if (!progressModes.includes(asked)) throw new CommandError(`invalid value ${JSON.stringify(asked)} for flag -progress: one of ${progressModes.join(', ')} is wanted`);
  const mode = asked === 'auto' ? (session.io.errIsTerminal ? 'tty' : 'none') : asked;
  if (mode === 'none') return async () => undefined;
  const ending = new AbortController();
  const view = mode === 'tty' ? new TerminalView(session, image) : new PlainView(session, image);
  const tools = await session.tools().catch(() => undefined);
  const [known, before] = [new Set((await ingests(tools)).map(({ ref }) => ref)), new Set((await blobs(tools)).map(({ digest }) => digest))];
  const showing = show(session, tools, known, view, ending.signal);
  return async () => {
    ending.abort();
    await showing;
    // What came between two looks.
    view.end((await blobs(tools)).filter(({ digest }) => !before.has(digest)));
  };
}

interface View {
  show(ingests: readonly Ingest[]): void;
  /** With all that is there now and was not before. */
  end(fetched: readonly Blob[]): void;
}

async function show(session: Session, tools: ContainerdTools | undefined, known: ReadonlySet<string>, view: View, ending: AbortSignal): Promise<void> {
  while (!ending.aborted) {
    view.show((await ingests(tools)).filter(({ ref }) => !known.has(ref)));
    await session.io.clock.sleep(EVERY_MS, ending).catch(() => undefined);
  }
}

async function ingests(tools: ContainerdTools | undefined): Promise<Ingest[]> {
  return (await tools?.ingests().catch(() => undefined)) ?? [];
}

async function blobs(tools: ContainerdTools | undefined): Promise<Blob[]> {
  return (await tools?.blobs().catch(() => undefined)) ?? [];
}

/** As things that were seen in the making, of which these were not. */
function unseen(fetched: readonly Blob[], seen: readonly string[]): Ingest[] {
  return fetched.filter(({ digest }) => !seen.some((ref) => ref.endsWith(digest))).map(({ digest, sizeBytes }) => ({ ref: digest, bytes: sizeBytes, totalBytes: sizeBytes }));
}

/** A line for each, drawn over itself. */
class TerminalView implements View {
  readonly #session: Session;
  readonly #image: string;
  readonly #sinceMs: number;
  readonly #seen = new Map<string, Ingest>();
  #drawn = 0;

  constructor(session: Session, image: string) {
    this.#session = session;
    this.#image = image;
    this.#sinceMs = session.io.clock.monotonic();
  }

  show(running: readonly Ingest[]): void {
    const refs = new Set(running.map(({ ref }) => ref));
    for (const ingest of running) this.#seen.set(ingest.ref, ingest);
    const seconds = ((this.#session.io.clock.monotonic() - this.#sinceMs) / 1000).toFixed(1);
    const lines = [`${this.#image}: ${refs.size === 0 ? 'resolving or unpacking' : 'fetching'} ${seconds} s`, ...[...this.#seen.values()].map((ingest) => line(ingest, !refs.has(ingest.ref)))];
    this.#session.io.err(`${this.#back()}${lines.map((one) => `${this.#cut(sanitize(one))}\u001b[K\n`).join('')}`);
    this.#drawn = lines.length;
  }

  end(fetched: readonly Blob[]): void {
    for (const ingest of unseen(fetched, [...this.#seen.keys()])) this.#seen.set(ingest.ref, ingest);
    this.show([]);
  }

  /** A line that takes two could not be drawn over. */
  #cut(text: string): string {
    const { errColumns = 80 } = this.#session.io;
    return text.length < errColumns ? text : text.slice(0, Math.max(0, errColumns - 1));
  }

  #back(): string {
    return this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A`;
  }
}

/** A line when something begins and when it has ended. */
class PlainView implements View {
  readonly #session: Session;
  readonly #image: string;
  readonly #running = new Map<string, Ingest>();
  readonly #seen: string[] = [];

  constructor(session: Session, image: string) {
    this.#session = session;
    this.#image = image;
    session.io.err(`${sanitize(image)}: pulling\n`);
  }

  show(running: readonly Ingest[]): void {
    const refs = new Set(running.map(({ ref }) => ref));
    for (const ingest of running) {
      if (!this.#running.has(ingest.ref)) this.#say(`${ingest.ref}: fetching${ingest.totalBytes > 0 ? ` ${humanSize(ingest.totalBytes, 3)}` : ''}`);
      this.#running.set(ingest.ref, ingest);
      this.#seen.push(ingest.ref);
    }
    for (const ref of this.#running.keys()) {
      if (refs.has(ref)) continue;
      this.#say(`${ref}: done`);
      this.#running.delete(ref);
    }
  }

  end(fetched: readonly Blob[]): void {
    this.show([]);
    for (const { ref, totalBytes } of unseen(fetched, this.#seen)) this.#say(`${ref}: done ${humanSize(totalBytes, 3)}`);
  }

  #say(text: string): void {
    this.#session.io.err(`${sanitize(`${this.#image}: ${text}`)}\n`);
  }
}

function line({ ref, bytes, totalBytes }: Ingest, done: boolean): string {
  const share = done ? 1 : totalBytes > 0 ? Math.min(1, bytes / totalBytes) : 0;
  const filled = Math.round(share * BAR);
  const size = humanSize(done ? Math.max(bytes, totalBytes) : bytes, 3);
  return `  ${ref.replace(/^(?:([a-z]+)-)?sha256:([0-9a-f]{12}).*$/, '$1 $2').trim()} |${'+'.repeat(filled)}${'-'.repeat(BAR - filled)}| ${size}${totalBytes > 0 ? `/${humanSize(totalBytes, 3)}` : ''}${done ? ' done' : ''}`;
}
