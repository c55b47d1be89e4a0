import type { RestMapping } from '../resource/rest-mapping.ts';
import type { AnyObject } from '../resource/object.ts';
import type { Sort } from './sort.ts';
import type { Table } from '../resource/table.ts';

export interface GetPrinterOptions {
  output: string | undefined;
  headers: boolean;
  showLabels: boolean;
  labelColumns: readonly string[];
  allNamespaces: boolean;
  showManagedFields: boolean;
  template: string | undefined;
  /** A template may name fields that are not there. */
  allowMissingTemplateKeys: boolean;
  /** `--sort-by`; undefined = the server's order. */
  sort: Sort | undefined;
  /** Print at once what arrives, since the end never comes. */
  streaming: boolean;
  /** Each object comes with what happened to it. */
  watchEvents: boolean;
  /** One object or collection was asked for: a document stands alone, not in a List. */
  single: boolean;
  /** Names carry their type, which they also do when several types are in one output. */
  showKind: boolean;
  /** Named when nothing was found; undefined for cluster-scoped resources and all namespaces. */
  namespace: string | undefined;
}

/** Prints what `get` found, answer by answer. */
export interface GetPrinter {
  /** The server must be asked for a Table. */
  readonly wantsTable: boolean;
  /** `event` is what happened to the object, while watching; what was there before counts as ADDED. */
  print(mapping: RestMapping, answer: AnyObject | Table, event?: string): Promise<void>;
  /** After the last answer. `complete`: nothing failed, so that an empty output wants an explanation. */
  end(complete: boolean): Promise<void>;
}
