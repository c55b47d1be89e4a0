/** A step from values to values. Kubernetes concept: "JSONPath Support". */
export type Step =
  | { kind: 'field'; name: string }
  | { kind: 'wildcard' }
  | { kind: 'descent' }
  | { kind: 'slice'; start: number | undefined; end: number | undefined; step: number | undefined; single: boolean }
  | { kind: 'union'; paths: Step[][] }
  | { kind: 'filter'; left: Step[]; operator: string; right: Step[] }
  /** Stands for itself, whatever came before: `{"\t"}`, `{3}`, `{true}`. */
  | { kind: 'literal'; value: string | number | boolean };

/** A template is text with paths in braces. */
export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'path'; steps: Step[] }
  | { kind: 'range'; steps: Step[]; body: Part[] };

/** What is wrong with a template, without the template. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';
}
