import { SelectorError } from './selector-error.ts';

export interface FieldRequirement {
  field: string;
  operator: '=' | '!=';
  value: string;
}

/** A parsed field selector; without requirements it matches everything. */
export interface FieldMatcher {
  readonly requirements: readonly FieldRequirement[];
  /** `fields` as the kind offers them (`metadata.name`, `spec.nodeName` …); one that is absent counts as ''. */
  matches(fields: Record<string, string | undefined>): boolean;
  /** The text form, which parses to the same matcher. */
  toString(): string;
}

export function newFieldMatcher(requirements: readonly FieldRequirement[]): FieldMatcher {
  return {
    requirements,
    matches: (fields) => requirements.every(({ field, operator, value }) => ((fields[field] ?? '') === value) === (operator === '=')),
    toString: () => requirements.map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`).join(','),
  };
}

export const everyField: FieldMatcher = newFieldMatcher([]);

export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, '\\$&');
}

/**
 * `spec.nodeName=a,status.phase!=Running`; `\` escapes `,`, `=` and itself in a value. '' matches everything, and so does `=`.
 * Throws {@link SelectorError}.
 */
export function parseFieldSelector(text: string): FieldMatcher {
  const requirements = splitTerms(text)
    .filter((term) => term !== '')
    .map((term) => parseTerm(term, text))
    .filter(({ field, value }) => field !== '' || value !== '');
  return requirements.length === 0 ? everyField : newFieldMatcher(requirements);
}

function splitTerms(text: string): string[] {
  return (text.match(/(?:\\.|[^,\\]|\\$)+|,/gs) ?? []).filter((part) => part !== ',');
}

function parseTerm(term: string, selector: string): FieldRequirement {
  const match = /^((?:\\.|[^=!\\]|!(?!=))*)(!=|==|=)(.*)$/s.exec(term);
  const [, field = '', operator, value = ''] = match ?? [];
  if (!match) throw new SelectorError(`invalid selector: '${selector}'; can't understand '${term}'`);
  return { field, operator: operator === '!=' ? '!=' : '=', value: unescapeValue(value) };
}

function unescapeValue(value: string): string {
  return value.replace(/\\(.?)|([,=])/gs, (_whole, escaped: string | undefined, bare: string | undefined) => {
    if (bare !== undefined) throw new SelectorError(`invalid field selector: unescaped character in value: ${bare.charCodeAt(0)}`);
    if (escaped !== '\\' && escaped !== ',' && escaped !== '=') {
      throw new SelectorError(`invalid field selector: invalid escape sequence: \\${escaped ?? ''}`);
    }
    return escaped;
  });
}
