import { sanitizeCell } from '@podling/shared/sanitize';
import type { TableColumn, TableRow } from '../resource/table.ts';

export interface TableOptions {
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

export function tableHeader(columns: readonly TableColumn[], options: TableOptions): string[] {
  const names = columns.filter((c) => isShown(c, options.wide)).map((c) => c.name.toUpperCase());
  const labels = options.labelColumns.map((key) => key.slice(key.lastIndexOf('/') + 1).toUpperCase());
  return [...(options.withNamespace ? ['NAMESPACE'] : []), ...names, ...labels, ...(options.showLabels ? ['LABELS'] : [])];
}

/** One line of cells; columns are the table's, since the rows of a watch may come without. */
export function tableRow(columns: readonly TableColumn[], row: TableRow, options: TableOptions): string[] {
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
