/** Kinds of which a token may name an object. */
export type ReferentKind = 'ServiceAccount' | 'Pod' | 'Secret' | 'Node';

export interface Reference {
  kind: ReferentKind;
  /** '' for a Node. */
  namespace: string;
  name: string;
  uid: string;
}

export interface Referent {
  uid: string;
  /** Milliseconds since 1970; absent while nobody has deleted it. */
  deletedAt?: number;
}

/**
 * What a token names: it must still be there for the token to be worth anything. Answers from memory where that tells
 * of the very uid asked for, else from the store. Undefined: there is none of that name.
 */
export interface Referents {
  find(reference: Reference): Promise<Referent | undefined>;
}
