import type { Page } from '../protocol/http'

/**
 * One page of rows that are all at hand, in an order that does not change. The cursor is the key of the last row
 * of the page; one that is no row's any more begins again.
 */
export function pageOf<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  { after, limit }: { after?: string; limit: number },
): Page<Row> {
  const start = after === undefined ? 0 : rows.findIndex((row) => keyOf(row) === after) + 1
  const items = rows.slice(start, start + limit)
  const last = items.at(-1)
  return { items, next: last && start + limit < rows.length ? keyOf(last) : null }
}
