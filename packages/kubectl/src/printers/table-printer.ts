import { sanitizeCell } from '@podling/shared/sanitize';
import type { Io } from '../io.ts';
import { typeLabel } from '../resource/rest-mapping.ts';
import type { RestMapping } from '../resource/rest-mapping.ts';
import { isTable } from '../resource/table.ts';
import type { Table, TableColumn, TableRow } from '../resource/table.ts';
import { ColumnPrinter } from './columns.ts';
import type { Paint } from './paint.ts';
import type { GetPrinter, GetPrinterOptions } from './printer.ts';

interface TableOptions {
  wide: boolean;
  withNamespace: boolean;
  showLabels: boolean;
  /** Labels that have a column of their own, behind the server's. */
  labelColumns: readonly string[];
  /** Put before each name with a slash: `pod/web`. */
  namePrefix?: string | undefined;
}

export function formatLabels(labels: Record<string, string> | undefined): string {
  const pairs = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length === 0 ? '<none>' : pairs.map(([key, value]) => `${key}=${value}`).join(',');
}

function formatCell(value: unknown): string {
  if (value === null || value === undefined) return '<none>';
  return sanitizeCell(typeof value === 'string' ? value : JSON.stringify(value));
}

const isShown = (column: TableColumn, wide: boolean): boolean => wide || (column.priority ?? 0) === 0;

function tableHeader(columns: readonly TableColumn[], options: TableOptions): string[] {
  const names = columns.filter((c) => isShown(c, options.wide)).map((c) => c.name.toUpperCase());
  const labels = options.labelColumns.map((key) => key.slice(key.lastIndexOf('/') + 1).toUpperCase());
  return [...(options.withNamespace ? ['NAMESPACE'] : []), ...names, ...labels, ...(options.showLabels ? ['LABELS'] : [])];
}

/** One line of cells; columns are the table's, since the rows of a watch may come without. */
function tableRow(columns: readonly TableColumn[], row: TableRow, options: TableOptions): string[] {
  const cells = columns.flatMap((column, i) => {
    if (!isShown(column, options.wide)) return [];
    const text = formatCell(row.cells[i]);
    return column.name.toUpperCase() === 'NAME' && options.namePrefix !== undefined ? [`${options.namePrefix}/${text}`] : [text];
  });
  const metadata = row.object?.metadata;
  return [
    ...(options.withNamespace ? [formatCell(metadata?.namespace ?? '')] : []),
    ...cells,
    ...options.labelColumns.map((key) => sanitizeCell(metadata?.labels?.[key] ?? '')),
    ...(options.showLabels ? [sanitizeCell(formatLabels(metadata?.labels))] : []),
  ];
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

  constructor(mapping: RestMapping, options: GetPrinterOptions, columns: ColumnPrinter) {
    this.#mapping = mapping;
    this.#options = options;
    this.#columns = columns;
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
export function createTablePrinter(io: Io, options: GetPrinterOptions, paint?: Paint): GetPrinter {
  const sections: Section[] = [];

  function sectionOf(mapping: RestMapping): Section {
    const last = sections.at(-1);
    if (last?.mapping === mapping) return last;
    const section = new Section(mapping, options, new ColumnPrinter({ terminalColumns: io.terminal?.columns, paint }));
    sections.push(section);
    return section;
  }

  return {
    wantsTable: true,
    async print(mapping, answer, event = 'ADDED') {
      const section = sectionOf(mapping);
      const table = isTable(answer) ? answer : (await import('./plain-table.ts')).plainTable(mapping, answer, io.now());
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
