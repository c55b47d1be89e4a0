import { isNewerRevision } from '../../storage/versioner.ts';
import { transports } from '../open-watch.ts';
import type { OpenWatch, SeenEvent, Transport } from '../open-watch.ts';
import type { Note, World } from './world.ts';

/** What a follower saw between two lists, without a gap. */
export interface Segment {
  start: string;
  end: string;
  events: { revision: string; text: string; type: string }[];
}

/** A client as informers are: lists, watches from there, goes on from where it was, lists again when it is told to. */
export class Follower {
  readonly segments: Segment[] = [];
  readonly state = new Map<string, Note>();
  /** What must never happen, in words. */
  readonly complaints: string[] = [];
  readonly #world: World;
  readonly #transport: Transport;
  readonly #selector: string;
  #watch: OpenWatch | undefined;
  #stopped = false;

  constructor(world: World, transport: Transport, selector = '') {
    this.#world = world;
    this.#transport = transport;
    this.#selector = selector === '' ? '' : `&labelSelector=${encodeURIComponent(selector)}`;
  }

  /** Follows until it is stopped. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      if (await this.#list()) await this.#follow();
      await pause();
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#watch?.close();
  }

  /** Resolves once everything up to `revision` has been seen. */
  async reaches(revision: string): Promise<void> {
    while (isNewerRevision(revision, this.segments.at(-1)?.end ?? '0')) await pause();
  }

  async #list(): Promise<boolean> {
    const { code, object } = await this.#world.send('GET', `?x=1${this.#selector}`);
    if (code !== 200) return false;
    const { items, metadata } = object as unknown as { items: Note[]; metadata: { resourceVersion: string } };
    this.state.clear();
    for (const item of items) this.state.set(item.metadata.name, item);
    this.segments.push({ start: metadata.resourceVersion, end: metadata.resourceVersion, events: [] });
    return true;
  }

  /** Resumes as often as a watch ends without a word; returns when a new list is due. */
  async #follow(): Promise<void> {
    const segment = this.segments.at(-1);
    while (!this.#stopped && segment !== undefined) {
      const query = `?watch=true&allowWatchBookmarks=true&resourceVersion=${segment.end}${this.#selector}`;
      this.#watch = await transports[this.#transport](this.#world.url + query).catch(() => undefined);
      if (this.#watch === undefined) await pause();
      for (let event = await this.#watch?.next(); event !== undefined; event = await this.#watch?.next()) {
        if (event.type === 'ERROR') return;
        this.#take(segment, event);
      }
    }
  }

  #take(segment: Segment, { type, object }: SeenEvent): void {
    const note = object as unknown as Note;
    const { name, resourceVersion: revision } = note.metadata;
    if (type !== 'BOOKMARK') this.#apply(segment, type, note);
    if (type !== 'BOOKMARK' && !isNewerRevision(revision, segment.end)) this.complaints.push(`${type} ${name} ${revision} after ${segment.end}`);
    segment.end = revision;
  }

  #apply(segment: Segment, type: string, note: Note): void {
    const { name, resourceVersion: revision } = note.metadata;
    if ((type === 'ADDED') === this.state.has(name)) this.complaints.push(`${type} ${name} ${revision}, which was ${this.state.has(name) ? 'there' : 'not there'}`);
    segment.events.push({ revision, type, text: `${name} ${note.data?.['id'] ?? ''}` });
    if (type === 'DELETED') this.state.delete(name);
    else this.state.set(name, note);
  }
}

const pause = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 5));
