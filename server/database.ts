import { setTimeout as sleep } from 'node:timers/promises'
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

/** One that starts at the same time is there by then; a server does not wait longer to say that it is not. */
const START_PATIENCE_MS = 3_000

/** Brings the database to today's tables, whenever it comes; resolves after a few seconds without it. */
export async function openDatabase(url: string, logger: Logger): Promise<Database> {
  const pool = createPool(url, (err) => logger.debug({ err }, 'a database connection broke'))
  let state: 'waiting' | 'migrated' | 'closed' = 'waiting'
  const migrated = migrate(pool, {
    patienceMs: Number.POSITIVE_INFINITY,
    isOver: () => state === 'closed',
    onWaiting: (err) => logger.warn({ err }, 'waiting for the database'),
  }).then((done) => {
    state = 'migrated'
    if (done.length > 0) logger.info({ migrations: done }, 'migrated the database')
  })
  await Promise.race([migrated, sleep(START_PATIENCE_MS)])
  migrated.catch((err) => state !== 'closed' && logger.fatal({ err }, 'the database cannot be migrated'))
  return {
    archive: createFactArchive(pool),
    directory: createDirectory(pool),
    async check() {
      if (state !== 'migrated') throw new Error('no tables yet')
      await pool.query('select 1')
    },
    close() {
      state = 'closed'
      return pool.end()
    },
  }
}
