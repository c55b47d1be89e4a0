/**
 * What becomes of a field of a pod: `acted on` by scheduler, admission or kubelet; `stored` and shown, and nothing more;
 * `refused`: stored, and the pod does not start on a node, with a reason.
 */
export type FieldState = 'acted on' | 'stored' | 'refused';

/** A test file from the root of the repository, and a part of a title in it. */
export type Proof = readonly [file: string, title: string];

export interface FieldEntry {
  state: FieldState;
  /** What it does, or why it does nothing. */
  note: string;
  /** Always there for what is acted on or refused. */
  shownBy?: Proof;
  /** Names that stand for the field in the sources, if its own last name does not. */
  alias?: readonly string[];
}
