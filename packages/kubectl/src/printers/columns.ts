import type { Paint } from './paint.ts';

export interface ColumnOptions {
  /** Columns of the terminal; undefined when the output is not a terminal, then nothing is ever cut. */
  terminalColumns?: number | undefined;
  paint?: Paint | undefined;
}

const PADDING = 3;
const NARROW_PADDING = 1;
/** A column that others follow is at least as wide. */
const SHORTEST_COLUMN = 3;
const SHORTEST_CELL = 12;

const total = (widths: readonly number[], padding: number): number => widths.reduce((sum, w) => sum + w, 0) + padding * (widths.length - 1);

/** Shortens the widest columns behind the first until the line fits; the first holds the name that people copy. */
function shrink(widths: readonly number[], padding: number, limit: number): number[] {
  const fitted = [...widths];
  while (total(fitted, padding) > limit) {
    const widest = Math.max(...fitted.slice(1));
    if (widest <= SHORTEST_CELL) return fitted;
    const excess = total(fitted, padding) - limit;
    const index = fitted.lastIndexOf(widest);
    fitted[index] = Math.max(SHORTEST_CELL, widest - excess);
  }
  return fitted;
}

function cut(cell: string, width: number): string {
  return cell.length <= width ? cell : `${cell.slice(0, width - 1)}…`;
}

/**
 * Lays rows out in columns three spaces apart. Widths are remembered between calls, so that the rows of a watch stay
 * under their header. On a terminal too narrow for the table, gaps shrink first and then long cells are cut.
 */
export class ColumnPrinter {
  readonly #options: ColumnOptions;
  #widths: number[] = [];

  constructor(options: ColumnOptions = {}) {
    this.#options = options;
  }

  /** `header` only names the columns for colouring; print it by passing it as a row too. */
  print(rows: readonly (readonly string[])[], header: readonly string[] = []): string {
    this.#remember(rows);
    const { widths, padding } = this.#layout();
    return rows.map((row) => `${this.#line(row, widths, padding, header)}\n`).join('');
  }

  #remember(rows: readonly (readonly string[])[]): void {
    const count = Math.max(this.#widths.length, ...rows.map((row) => row.length));
    this.#widths = Array.from({ length: count }, (_, i) => {
      const shortest = i === count - 1 ? 0 : SHORTEST_COLUMN;
      return Math.max(this.#widths[i] ?? 0, shortest, ...rows.map((row) => row[i]?.length ?? 0));
    });
  }

  #layout(): { widths: number[]; padding: number } {
    const limit = this.#options.terminalColumns;
    if (limit === undefined || limit === 0 || total(this.#widths, PADDING) <= limit) return { widths: this.#widths, padding: PADDING };
    return { widths: shrink(this.#widths, NARROW_PADDING, limit), padding: NARROW_PADDING };
  }

  #line(row: readonly string[], widths: readonly number[], padding: number, header: readonly string[]): string {
    const gap = ' '.repeat(padding);
    const cells = row.map((cell, i) => {
      const width = widths[i] ?? 0;
      const text = cut(cell, width);
      const painted = this.#options.paint?.(header[i] ?? '', text) ?? text;
      return i === row.length - 1 ? painted : painted + ' '.repeat(width - text.length);
    });
    return cells.join(gap);
  }
}
