import type { KubeObject } from '@podling/shared/api';

/** `meta.k8s.io/v1` TableColumnDefinition. Columns of priority 1 appear with `-o wide` only. */
export interface Column {
  name: string;
  type: 'string' | 'integer' | 'boolean' | 'date';
  format: string;
  description: string;
  priority: 0 | 1;
}

/** `meta.k8s.io/v1` TableRowCondition: what clients may want to hide. */
export interface RowCondition {
  type: 'Completed';
  status: 'True';
  reason: string;
  message: string;
}

/** Turns an object into one row; cells are in the order of the columns. */
export interface Printer {
  readonly columns: Column[];
  cells(object: KubeObject, nowMs: number): unknown[];
  conditions?(object: KubeObject): RowCondition[];
}

export function column(name: string, description: string, options: Partial<Pick<Column, 'type' | 'priority' | 'format'>> = {}): Column {
  return { name, type: 'string', format: name === 'Name' ? 'name' : '', description, priority: 0, ...options };
}
