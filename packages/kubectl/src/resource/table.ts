export interface TableColumn {
  name: string;
  /** 0 = always shown; above 0 = with `-o wide`. */
  priority?: number;
}

export interface TableRow {
  cells: unknown[];
  object?: { metadata?: { name?: string; namespace?: string; labels?: Record<string, string> } };
}

/** `meta.k8s.io/v1` Table, what the server prints for us. */
export interface Table {
  kind: 'Table';
  metadata?: { resourceVersion?: string; continue?: string };
  columnDefinitions: TableColumn[];
  rows: TableRow[];
}

export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'Table';
