import type { RequestOptions, RestClient } from '@podling/shared/client';
import type { AnyObject } from './object.ts';
import { isTable } from './table.ts';
import type { Table } from './table.ts';

const PAGE_SIZE = 500;

function join(whole: AnyObject | Table, page: AnyObject | Table): void {
  if (isTable(whole) && isTable(page)) whole.rows.push(...page.rows);
  else if (!isTable(whole) && !isTable(page)) whole.items?.push(...(page.items ?? []));
}

/** A whole collection, asked for in pages, as one list or Table. The resourceVersion is the first page's. */
export async function fetchPages(
  rest: RestClient,
  options: Pick<RequestOptions, 'path' | 'accept' | 'query'>,
  pageSize = PAGE_SIZE,
): Promise<AnyObject | Table> {
  const page = (token?: string): Promise<AnyObject | Table> =>
    rest.request({ ...options, query: { ...options.query, limit: pageSize <= 0 ? undefined : pageSize, continue: token } });
  const whole = await page();
  for (let token = continueToken(whole); token !== ''; ) {
    const next = await page(token);
    join(whole, next);
    token = continueToken(next);
  }
  if (whole.metadata !== undefined) delete (whole.metadata as { continue?: string }).continue;
  return whole;
}

function continueToken(list: AnyObject | Table): string {
  return (list.metadata as { continue?: string } | undefined)?.continue ?? '';
}
