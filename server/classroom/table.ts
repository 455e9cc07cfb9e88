/**
 * An immutable keyed table that stays cheap to copy: rows live in buckets, so that one change copies a bucket
 * and the list of buckets, never all rows. Plain objects, so that a state is JSON as it stands.
 */
export type Table<Row> = {
  readonly size: number
  readonly buckets: Readonly<Record<string, Readonly<Record<string, Row>>>>
}

/** 10,000 rows make about 40 a bucket: both copies of a change stay near a microsecond. */
const BUCKETS = 256

export function emptyTable<Row>(): Table<Row> {
  return { size: 0, buckets: {} }
}

function bucketOf(key: string): string {
  let hash = 0
  for (let i = 0; i < key.length; i++) hash = (hash * 31 + key.charCodeAt(i)) | 0
  return String(((hash % BUCKETS) + BUCKETS) % BUCKETS)
}

export function findRow<Row>(table: Table<Row>, key: string): Row | undefined {
  const bucket = table.buckets[bucketOf(key)]
  return bucket && Object.hasOwn(bucket, key) ? bucket[key] : undefined
}

export function withRow<Row>(table: Table<Row>, key: string, row: Row): Table<Row> {
  const name = bucketOf(key)
  const bucket = table.buckets[name] ?? {}
  const size = Object.hasOwn(bucket, key) ? table.size : table.size + 1
  return { size, buckets: { ...table.buckets, [name]: { ...bucket, [key]: row } } }
}

export function withoutRow<Row>(table: Table<Row>, key: string): Table<Row> {
  const name = bucketOf(key)
  const bucket = table.buckets[name]
  if (!bucket || !Object.hasOwn(bucket, key)) return table
  const { [key]: _gone, ...rest } = bucket
  const { [name]: _bucket, ...others } = table.buckets
  const buckets = Object.keys(rest).length > 0 ? { ...others, [name]: rest } : others
  return { size: table.size - 1, buckets }
}

/** Rows in no promised order: sort by a field of the row where order matters. */
export function* rowsOf<Row>(table: Table<Row>): Generator<Row> {
  for (const bucket of Object.values(table.buckets)) yield* Object.values(bucket)
}

export function filterRows<Row>(table: Table<Row>, keep: (row: Row) => boolean): Row[] {
  const kept: Row[] = []
  for (const row of rowsOf(table)) if (keep(row)) kept.push(row)
  return kept
}
