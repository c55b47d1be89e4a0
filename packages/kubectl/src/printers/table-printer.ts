import { ageOf } from '@podling/shared/human-duration';
import type { Io } from '../io.ts';
import type { AnyObject } from '../resource/object.ts';
import { typeLabel } from '../resource/rest-mapping.ts';
import type { RestMapping } from '../resource/rest-mapping.ts';
import { isTable } from '../resource/table.ts';
import type { Table, TableColumn, TableRow } from '../resource/table.ts';
import { ColumnPrinter } from './columns.ts';
import { objectsOf } from './object.ts';
import { paintState } from './paint.ts';
import type { GetPrinter, GetPrinterOptions } from './printer.ts';
import { tableHeader, tableRow } from './table.ts';
import type { TableOptions } from './table.ts';

/** For a server that does not make Tables. */
function plainTable(mapping: RestMapping, answer: AnyObject, now: number): Table {
  const objects = objectsOf(mapping, answer);
  return {
    kind: 'Table',
    columnDefinitions: [{ name: 'Name' }, { name: 'Age' }],
    rows: objects.map((object) => ({ cells: [object.metadata?.name, ageOf(object.metadata?.creationTimestamp, now)], object })),
  };
}

/** What happened stands in a column of its own, in front. */
function withEvents(table: Table, event: string): Table {
  const { columnDefinitions } = table;
  const columns = columnDefinitions.length === 0 ? [] : [{ name: 'Event' }, ...columnDefinitions];
  return { ...table, columnDefinitions: columns, rows: table.rows.map((row) => ({ ...row, cells: [event, ...row.cells] })) };
}

/** The rows of one resource under one header. */
class Section {
  readonly #mapping: RestMapping;
  readonly #options: GetPrinterOptions;
  readonly #columns: ColumnPrinter;
  #definitions: TableColumn[] = [];
  #pending: TableRow[] = [];
  #begun = false;

  constructor(io: Io, mapping: RestMapping, options: GetPrinterOptions) {
    this.#mapping = mapping;
    this.#options = options;
    this.#columns = new ColumnPrinter({ terminalColumns: io.terminal?.columns, paint: io.color ? paintState : undefined });
  }

  get mapping(): RestMapping {
    return this.#mapping;
  }

  get isEmpty(): boolean {
    return !this.#begun && this.#pending.length === 0;
  }

  add(table: Table): void {
    if ((table.columnDefinitions ?? []).length > 0) this.#definitions = table.columnDefinitions;
    this.#pending.push(...(table.rows ?? []));
  }

  /** The text of all rows added since the last call; `withType` puts the type before each name. */
  take(withType: boolean): string {
    if (this.#pending.length === 0) return '';
    const options = this.#tableOptions(withType);
    const header = tableHeader(this.#definitions, options);
    const { sort = (items) => [...items] } = this.#options;
    const cells = sort(this.#pending, (row) => row.object ?? {}).map((row) => tableRow(this.#definitions, row, options));
    const rows = this.#begun || !this.#options.headers ? cells : [header, ...cells];
    this.#pending = [];
    this.#begun = true;
    return this.#columns.print(rows, header);
  }

  #tableOptions(withType: boolean): TableOptions {
    return {
      wide: this.#options.output === 'wide',
      withNamespace: this.#options.allNamespaces && this.#mapping.namespaced,
      showLabels: this.#options.showLabels,
      labelColumns: this.#options.labelColumns,
      namePrefix: withType ? typeLabel(this.#mapping) : undefined,
    };
  }
}

/** Tables as the server makes them, one below the other. */
export function createTablePrinter(io: Io, options: GetPrinterOptions): GetPrinter {
  const sections: Section[] = [];

  function sectionOf(mapping: RestMapping): Section {
    const last = sections.at(-1);
    if (last?.mapping === mapping) return last;
    const section = new Section(io, mapping, options);
    sections.push(section);
    return section;
  }

  return {
    wantsTable: true,
    async print(mapping, answer, event = 'ADDED') {
      const section = sectionOf(mapping);
      const table = isTable(answer) ? answer : plainTable(mapping, answer, io.now());
      section.add(options.watchEvents ? withEvents(table, event) : table);
      if (options.streaming) io.out(section.take(options.showKind));
    },
    async end(complete) {
      const withType = options.showKind || new Set(sections.map(({ mapping }) => mapping)).size > 1;
      const filled = sections.filter((section) => !section.isEmpty);
      io.out(filled.map((section) => section.take(withType)).join('\n'));
      if (filled.length > 0 || !complete) return;
      io.err(options.namespace === undefined ? 'No resources found\n' : `No resources found in ${options.namespace} namespace.\n`);
    },
  };
}
