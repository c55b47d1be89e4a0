import type { Event } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { sanitizeCell } from '@podling/shared/sanitize';
import { CommandError, refuseWords } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { listOption, outputFlags } from '../flags.ts';
import { ColumnPrinter } from '../printers/columns.ts';
import { createFormatter } from '../printers/formatter.ts';
import type { Formatter } from '../printers/formatter.ts';
import type { ResultOptions } from '../printers/result-printer.ts';
import { targetsFromArgs } from '../resource/builder.ts';
import { fetchPages } from '../resource/fetch.ts';
import type { AnyObject } from '../resource/object.ts';
import { apiVersionOf } from '../resource/rest-mapping.ts';
import { watchEvents } from '../resource/watch.ts';
import type { Verb } from '../verb.ts';

export interface EventsOptions extends ResultOptions {
  watch?: boolean;
  allNamespaces?: boolean;
  for?: string;
  types?: string[];
  headers: boolean;
}

const TYPES = ['Normal', 'Warning'];
const HEADER = ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'];

const lastTime = (event: Event): string => event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? '';

function lastSeen(event: Event, now: number): string {
  const first = ageOf(event.eventTime ?? event.firstTimestamp ?? undefined, now);
  if (event.series !== undefined && event.series !== null) return `${ageOf(event.series.lastObservedTime, now)} (x${event.series.count} over ${first})`;
  return (event.count ?? 1) > 1 ? `${ageOf(event.lastTimestamp ?? undefined, now)} (x${event.count} over ${first})` : first;
}

function rowOf(event: Event, now: number, allNamespaces: boolean): string[] {
  const { kind = '', name = '' } = event.involvedObject;
  const cells = [lastSeen(event, now), event.type ?? '', event.reason ?? '', `${kind}/${name}`, (event.message ?? '').trim()];
  return [...(allNamespaces ? [event.metadata.namespace ?? ''] : []), ...cells].map(sanitizeCell);
}

/** Prints events as they come, in columns or as `-o` says. */
class EventPrinter {
  readonly #factory: Factory;
  readonly #options: EventsOptions;
  readonly #format: Formatter | undefined;
  readonly #columns = new ColumnPrinter();
  #begun = false;

  constructor(factory: Factory, options: EventsOptions, format: Formatter | undefined) {
    this.#factory = factory;
    this.#options = options;
    this.#format = format;
  }

  wants({ type = '' }: Event): boolean {
    return this.#options.types?.some((wanted) => wanted.toLowerCase() === type.toLowerCase()) ?? true;
  }

  async print(events: readonly Event[], whole: AnyObject): Promise<void> {
    const { io } = this.#factory;
    io.out(this.#format === undefined ? this.#rows(events) : await this.#format(whole));
  }

  #rows(events: readonly Event[]): string {
    const { headers, allNamespaces = false } = this.#options;
    const header = this.#begun || !headers ? [] : [[...(allNamespaces ? ['NAMESPACE'] : []), ...HEADER]];
    this.#begun = true;
    return this.#columns.print([...header, ...events.map((event) => rowOf(event, this.#factory.io.now(), allNamespaces))]);
  }
}

async function selectorFor(factory: Factory, word: string | undefined): Promise<string | undefined> {
  if (word === undefined) return undefined;
  const [target] = word.includes('/') ? await targetsFromArgs(await factory.mapper(), [word], { namespace: '', selects: false }) : [];
  if (target === undefined) throw new CommandError('--for must be in resource/name form');
  return `involvedObject.kind=${target.mapping.kind},involvedObject.apiVersion=${apiVersionOf(target.mapping)},involvedObject.name=${target.name}`;
}

const typed = (event: Event): AnyObject => ({ ...(event as unknown as AnyObject), apiVersion: 'v1', kind: 'Event' });

/** Prints events, the latest last. */
export async function events(factory: Factory, words: string[], options: EventsOptions): Promise<number> {
  refuseWords('events', words);
  const wrong = options.types?.find((type) => !TYPES.some((known) => known.toLowerCase() === type.toLowerCase()));
  if (wrong !== undefined) throw new CommandError(`valid --types are ${TYPES.join(' or ')}`);
  const { output } = options;
  const printer = new EventPrinter(factory, options, output === undefined ? undefined : await createFormatter({ ...options, output }));
  const namespace = await factory.namespace();
  const path = options.allNamespaces === true ? '/api/v1/events' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
  const query = { fieldSelector: await selectorFor(factory, options.for) };
  const rest = await factory.client();
  if (options.watch === true) {
    for await (const { type, object } of watchEvents<Event>(rest, { path, query })) {
      if (type === 'DELETED' || !printer.wants(object)) continue;
      await printer.print([object], typed(object));
      await factory.io.flush();
    }
    return 0;
  }
  const list = (await fetchPages(rest, { path, accept: 'application/json', query })) as AnyObject;
  const found = ((list.items ?? []) as unknown as Event[]).filter((event) => printer.wants(event)).toSorted((a, b) => (lastTime(a) < lastTime(b) ? -1 : 1));
  if (found.length === 0) factory.io.err(options.allNamespaces === true ? 'No events found.\n' : `No events found in ${namespace} namespace.\n`);
  else await printer.print(found, { ...list, apiVersion: 'v1', kind: 'EventList', items: found.map(typed) });
  return 0;
}

export const verb: Verb<EventsOptions> = {
  usage: '[flags]',
  flags: (command) => {
    outputFlags(command);
    command
      .option('--for <type/name>', 'only those about this object')
      .addOption(listOption('--types <types>', 'Normal, Warning'))
      .option('-w, --watch', 'go on as they come')
      .option('-A, --all-namespaces', 'across all namespaces')
      .option('--no-headers', 'do not print headers');
  },
  run: events,
};
