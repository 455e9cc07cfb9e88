import { join } from 'node:path'
import type { Config } from '../../server/config'
import type { Part, Plan } from './part'
import { ROOT } from './paths'
import { answersSql } from './readiness'

/** The longest path of a socket file on Linux is 107 bytes, on macOS 103. */
const LONGEST_SOCKET_PATH = 100
/** libpq and pg look for the file `.s.PGSQL.PORT` in the directory that is given as host. */
const SOCKET_NAME = '.s.PGSQL.5432'

export type DatabaseAddress = { url: string; listen: string }

/**
 * A socket file keeps other users of the machine out by its directory's mode; PGlite knows no password. With PG_PORT,
 * or where the path is too long for a socket, it is a port on loopback.
 */
export function toDatabaseAddress(config: Config, freePort: number): DatabaseAddress {
  const dir = join(config.dataDir, 'run')
  const path = join(dir, SOCKET_NAME)
  const fixedPort = config.privatePorts.database
  if (fixedPort === 0 && Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) {
    return {
      url: `postgres://postgres@localhost:5432/postgres?host=${encodeURIComponent(dir)}`,
      listen: path,
    }
  }
  const port = fixedPort || freePort
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, listen: String(port) }
}

/** PGlite in a process of its own, so that a long query never holds up the gateway. */
export function createDatabase({ config, env }: Plan, { url, listen }: DatabaseAddress): Part {
  return {
    name: 'database',
    command: process.execPath,
    args: ['--import', 'tsx', join(ROOT, 'db/embedded.ts'), config.dataDir, listen],
    env,
    isReady: () => answersSql(url),
  }
}
