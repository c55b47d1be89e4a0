import type { RequestOptions, RestClient } from '@podling/shared/client';
import { ApiStatusError } from '@podling/shared/errors';
import type { AnyObject } from './object.ts';
import type { RestMapping } from './rest-mapping.ts';
import { isTable } from './table.ts';
import type { Table } from './table.ts';

const PAGE_SIZE = 500;

type Listed = Pick<RestMapping, 'group' | 'version' | 'resource'>;

export interface ListRequest extends Pick<RequestOptions, 'path' | 'accept' | 'query'> {
  /** What the user looks for, to be named in errors. */
  resource?: Listed;
}

function join(whole: AnyObject | Table, page: AnyObject | Table): void {
  if (isTable(whole) && isTable(page)) whole.rows.push(...page.rows);
  else if (!isTable(whole) && !isTable(page)) whole.items?.push(...(page.items ?? []));
}

/** As upstream: what a server refuses or does not find is said with what was looked for. */
function withSearch(error: unknown, { group, version, resource }: Listed, { labelSelector = '', fieldSelector = '' }: ListRequest['query'] = {}): unknown {
  if (!(error instanceof ApiStatusError) || !['BadRequest', 'NotFound'].includes(error.reason)) return error;
  const what = JSON.stringify(`${group}/${version}, Resource=${resource}`);
  const selectors = `that match label selector ${JSON.stringify(labelSelector)}, field selector ${JSON.stringify(fieldSelector)}`;
  const search = labelSelector === '' && fieldSelector === '' ? `Unable to list ${what}` : `Unable to find ${what} ${selectors}`;
  return new ApiStatusError({ ...error.status, message: `${search}: ${error.message}` }, { cause: error });
}

/** A whole collection, asked for in pages, as one list or Table. The resourceVersion is the first page's. */
export async function fetchPages(
  rest: RestClient,
  options: ListRequest,
  pageSize = PAGE_SIZE,
): Promise<AnyObject | Table> {
  const { resource, ...request } = options;
  const page = (token?: string): Promise<AnyObject | Table> =>
    rest.request<AnyObject | Table>({ ...request, query: { ...options.query, limit: pageSize <= 0 ? undefined : pageSize, continue: token } }).catch((error: unknown) => {
      throw resource === undefined ? error : withSearch(error, resource, options.query);
    });
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
