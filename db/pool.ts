import pg from 'pg'

/** Two are kept open, so that a quiet server answers at once. */
const MIN_CONNECTIONS = 2
/** Several servers share one Postgres of a hundred connections; the embedded database runs one query at a time. */
const MAX_CONNECTIONS = 10
/** No query of Amphi takes this long on a database that is well. */
const STATEMENT_TIMEOUT_MS = 10_000
/** The client's own patience, for a server that is stuck and does not time out itself. */
const QUERY_TIMEOUT_MS = 15_000
const CONNECT_TIMEOUT_MS = 5_000
const IDLE_TIMEOUT_MS = 30_000

/** Our only bigints are numbers of facts: far below 2^53. */
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, Number)

export type Db = pg.Pool
export type Transaction = pg.PoolClient
/** Where a single statement may run: by itself or in a transaction. */
export type Queryable = Pick<pg.Pool, 'query'> | Pick<pg.PoolClient, 'query'>

/** Connects when first used; `onError` hears of connections that broke, which are replaced by themselves. */
export function createPool(url: string, onError: (error: Error) => void): Db {
  const pool = new pg.Pool({
    connectionString: url,
    min: MIN_CONNECTIONS,
    max: MAX_CONNECTIONS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    application_name: 'amphi',
    types,
  })
  pool.on('error', onError)
  // Also while they are lent out: one that breaks between two queries of a transaction would end the process.
  pool.on('connect', (client) => client.on('error', onError))
  return pool
}

/** All or nothing. Keep it short: on the embedded database everybody else waits for it. */
export async function transact<T>(db: Db, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const client = await db.connect()
  let broken = false
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {
      broken = true
    })
    throw error
  } finally {
    client.release(broken)
  }
}
