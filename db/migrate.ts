import { readdir, readFile } from 'node:fs/promises'
import { type Db, transact } from './pool'

/** Any number that no other program of the same database uses for its advisory locks. */
const MIGRATION_LOCK = 7_236_514_001
/** The embedded database takes some seconds to start, a server in a container longer. */
const PATIENCE_MS = 60_000
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 2_000

export type MigrateOptions = {
  patienceMs?: number
  onWaiting?: (error: unknown) => void
  /** Nobody wants it any more. */
  isOver?: () => boolean
}

/**
 * Brings the database to the newest of `migrations/`, forward only. Waits for a database that comes late. Of several
 * processes that start at once one migrates, the others find it done. Answers the names of what it ran.
 */
export async function migrate(db: Db, options: MigrateOptions = {}): Promise<string[]> {
  const { patienceMs = PATIENCE_MS, onWaiting, isOver } = options
  const deadline = performance.now() + patienceMs
  for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS)) {
    try {
      await db.query('select 1')
      break
    } catch (error) {
      if (isOver?.() || performance.now() + retryMs > deadline) throw error
      onWaiting?.(error)
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }
  const migrations = await readMigrations()
  return transact(db, async (transaction) => {
    // The lock waits for a whole migration of somebody else, and ends with the transaction, however that ends.
    await transaction.query('set local statement_timeout = 0')
    await transaction.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await transaction.query(
      'create table if not exists schema_migrations (name text primary key, ran_at timestamptz not null default now())',
    )
    const { rows } = await transaction.query<{ name: string }>('select name from schema_migrations')
    const done = new Set(rows.map((row) => row.name))
    const missing = migrations.filter(({ name }) => !done.has(name))
    for (const { name, sql } of missing) {
      await transaction.query(sql)
      await transaction.query('insert into schema_migrations (name) values ($1)', [name])
    }
    return missing.map(({ name }) => name)
  })
}

async function readMigrations(): Promise<{ name: string; sql: string }[]> {
  const dir = new URL('./migrations/', import.meta.url)
  const names = (await readdir(dir)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(names.map(async (name) => ({ name, sql: await readFile(new URL(name, dir), 'utf8') })))
}
