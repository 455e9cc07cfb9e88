/**
 * An immutable keyed table that stays cheap to copy: rows are the leaves of a tree of two branchings, so that one
 * change copies two short lists of branches and one short bucket, never all rows. Plain objects, so that a state is
 * JSON as it stands.
 */
export type Table<Row> = {
  readonly size: number
  readonly branches: Readonly<Record<string, Branch<Row>>>
}
type Branch<Row> = Readonly<Record<string, Bucket<Row>>>
type Bucket<Row> = Readonly<Record<string, Row>>

/**
 * Of each level, a power of two: 10,000 rows make about 10 a bucket, and a change copies 3 objects of at most this
 * many fields. Objects of a hundred fields and more are dictionaries to V8, which copies them ten times as slowly.
 */
const BRANCHES = 32

export function emptyTable<Row>(): Table<Row> {
  return { size: 0, branches: {} }
}

type Path = readonly [branch: number, bucket: number]

/** Integers: V8 keeps them as elements of an array. */
function pathOf(key: string): Path {
  let hash = 0
  for (let i = 0; i < key.length; i++) hash = (hash * 31 + key.charCodeAt(i)) | 0
  return [hash & (BRANCHES - 1), (hash >>> 5) & (BRANCHES - 1)]
}

function bucketAt<Row>(table: Table<Row>, [branch, bucket]: Path): Bucket<Row> | undefined {
  return table.branches[branch]?.[bucket]
}

export function findRow<Row>(table: Table<Row>, key: string): Row | undefined {
  const bucket = bucketAt(table, pathOf(key))
  return bucket && Object.hasOwn(bucket, key) ? bucket[key] : undefined
}

export function withRow<Row>(table: Table<Row>, key: string, row: Row): Table<Row> {
  const path = pathOf(key)
  const bucket = bucketAt(table, path) ?? {}
  const size = Object.hasOwn(bucket, key) ? table.size : table.size + 1
  return { size, branches: withBucket(table, path, { ...bucket, [key]: row }) }
}

function withBucket<Row>({ branches }: Table<Row>, [branch, bucket]: Path, rows: Bucket<Row>) {
  return { ...branches, [branch]: { ...branches[branch], [bucket]: rows } }
}

export function withoutRow<Row>(table: Table<Row>, key: string): Table<Row> {
  const path = pathOf(key)
  const bucket = bucketAt(table, path)
  if (!bucket || !Object.hasOwn(bucket, key)) return table
  const { [key]: _gone, ...rest } = bucket
  const size = table.size - 1
  return { size, branches: size === 0 ? {} : withBucket(table, path, rest) }
}

/** Rows in no promised order: sort by a field of the row where order matters. */
export function* rowsOf<Row>(table: Table<Row>): Generator<Row> {
  for (const branch of Object.values(table.branches)) {
    for (const bucket of Object.values(branch)) yield* Object.values(bucket)
  }
}

/** What is new or another row in `to`: tables share what did not change, so only what did is looked at. */
export function changedRows<Row>(from: Table<Row> | undefined, to: Table<Row>): Row[] {
  if (!from) return [...rowsOf(to)]
  const changed: Row[] = []
  for (const [b, branch] of Object.entries(to.branches)) {
    const branchBefore = from.branches[b]
    if (branchBefore === branch) continue
    for (const [name, bucket] of Object.entries(branch)) {
      const before = branchBefore?.[name]
      if (before === bucket) continue
      for (const [key, row] of Object.entries(bucket)) if (before?.[key] !== row) changed.push(row)
    }
  }
  return changed
}

export function filterRows<Row>(table: Table<Row>, keep: (row: Row) => boolean): Row[] {
  const kept: Row[] = []
  for (const row of rowsOf(table)) if (keep(row)) kept.push(row)
  return kept
}
