/** One entry of `Accept` or `Accept-Encoding`. */
export interface Clause {
  /** In lower case, such as `application/json` or `gzip`. */
  value: string;
  /** By name, in lower case. */
  parameters: ReadonlyMap<string, string>;
  /** 0 to 1; 0 means: not this. */
  quality: number;
}

const maxClauses = 100;

function parseClause(text: string): Clause {
  const [value = '', ...rest] = text.split(';').map((part) => part.trim());
  const pairs = rest.map((part): [string, string] => {
    const [key = '', parameter = ''] = part.split('=', 2);
    return [key.trim().toLowerCase(), parameter.trim()];
  });
  const parameters = new Map(pairs);
  const quality = Number(parameters.get('q') ?? '1');
  return { value: value.toLowerCase(), parameters, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** The entries of a header (RFC 9110, section 12.4.2), those of most quality first. */
export function clausesOf(header: string): Clause[] {
  return header.split(',', maxClauses).map(parseClause).toSorted((a, b) => b.quality - a.quality);
}
