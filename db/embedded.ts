import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

/** Sockets only wait here, as PGlite runs one query at a time; so many are more than all pools of one machine. */
const MAX_CONNECTIONS = 64

export type EmbeddedAddress = { path: string } | { port: number }

/**
 * Serves the PGlite database in `dir` by PostgreSQL's protocol until `close`. There is no password: on a socket file
 * the directory's mode keeps others out; a port is bound to loopback only.
 */
export async function serveEmbedded(
  dir: string,
  address: EmbeddedAddress,
): Promise<{ close(): Promise<void> }> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const db = keepBatchesWhole(await PGlite.create(dir))
  if ('path' in address) {
    await mkdir(dirname(address.path), { recursive: true, mode: 0o700 })
    await rm(address.path, { force: true }) // left behind by a process that was killed
  }
  const server = new PGLiteSocketServer({
    db,
    ...('path' in address ? address : { ...address, host: '127.0.0.1' }),
    maxConnections: MAX_CONNECTIONS,
  })
  await server.start()
  return {
    async close() {
      await server.stop()
      await db.close()
    },
  }
}

/** Messages of the extended protocol that a Sync must follow: Parse, Bind, Describe, Execute, Close, Flush. */
const OPEN_BATCH = new Set([...'PBDECH'].map((type) => type.charCodeAt(0)))

/**
 * The socket server takes turns by the message, and keeps to one connection only while it is in a transaction. But a
 * batch of the extended protocol shares one unnamed statement and portal up to its Sync: another connection's messages
 * in between would get its rows. So a batch is told to the server as what it is, something not to be interrupted.
 */
function keepBatchesWhole(db: PGlite): PGlite {
  let open = false
  const inTransaction = db.isInTransaction.bind(db)
  const execute = db.execProtocolRawStream.bind(db)
  db.isInTransaction = () => open || inTransaction()
  db.execProtocolRawStream = async (message, options) => {
    await execute(message, options)
    open = OPEN_BATCH.has(message[0] ?? 0)
  }
  return db
}

const [dataDir, socketOrPort] = process.argv.slice(2)
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (!dataDir || !socketOrPort) throw new Error('usage: embedded.ts DATA_DIR SOCKET|PORT')
  const address = /^\d+$/.test(socketOrPort) ? { port: Number(socketOrPort) } : { path: socketOrPort }
  const embedded = await serveEmbedded(join(dataDir, 'pglite'), address)
  let closing = false
  const close = async () => {
    if (closing) return
    closing = true
    await embedded.close()
    process.exit(0)
  }
  process.on('SIGTERM', close).on('SIGINT', close)
  process.stdout.write(`${JSON.stringify({ level: 30, msg: 'ready', ...address })}\n`)
}
