import type { Logger } from 'pino'
import { createDirectory } from '../db/directory'
import { createFactArchive } from '../db/facts'
import { migrate } from '../db/migrate'
import { createPool } from '../db/pool'
import type { FactArchive } from './log/class-logs'
import type { Directory } from './people/directory'

export type Database = {
  archive: FactArchive
  directory: Directory
  /** For readiness: throws when the database does not answer. */
  check(): Promise<void>
  close(): Promise<void>
}

/** Waits for a database that comes late, and brings it to today's tables. */
export async function openDatabase(url: string, logger: Logger): Promise<Database> {
  const pool = createPool(url, (err) => logger.debug({ err }, 'a database connection broke'))
  const done = await migrate(pool, {
    onWaiting: (err) => logger.warn({ err }, 'waiting for the database'),
  })
  if (done.length > 0) logger.info({ migrations: done }, 'migrated the database')
  return {
    archive: createFactArchive(pool),
    directory: createDirectory(pool),
    async check() {
      await pool.query('select 1')
    },
    close: () => pool.end(),
  }
}
