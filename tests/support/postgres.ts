import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { findFreePort } from '../../scripts/stack/ports'
import { waitUntil } from '../../scripts/stack/wait-until'

const run = promisify(execFile)

const START_TIMEOUT_MS = 20_000
/** Where Debian keeps the programs of each major version; they are not on PATH. */
const DEBIAN_VERSIONS = '/usr/lib/postgresql'

export type TestPostgres = {
  /** Of the database `postgres`, as superuser. */
  url: string
  /** An empty database of its own in the same cluster. */
  createDatabase(): Promise<string>
  /** Away, with everybody's connections, until `resume`; what was committed stays. */
  halt(): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
}

/**
 * A throwaway PostgreSQL cluster, without durability (fsync off), as its tests never survive it; `durable`: as an
 * operator runs it.
 */
export async function startPostgres({ durable = false } = {}): Promise<TestPostgres> {
  const bin = await findPrograms()
  const dir = await mkdtemp(join(tmpdir(), 'amphi-postgres-'))
  const asOwner = await findOwner(dir)
  const data = join(dir, 'data')
  await run(
    ...asOwner(join(bin, 'initdb'), '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '-N'),
    {
      cwd: dir,
    },
  )
  const port = await findFreePort()
  const fast = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']
  const settings = ['listen_addresses=127.0.0.1', ...(durable ? [] : fast)]
  const [command, args] = asOwner(
    join(bin, 'postgres'),
    '-D',
    data,
    '-p',
    String(port),
    '-k',
    dir,
    ...settings.flatMap((setting) => ['-c', setting]),
  )
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  let child = spawnServer()
  let stderr = ''
  function spawnServer() {
    const server = spawn(command, args, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] })
    server.stderr.on('data', (chunk) => {
      stderr = (stderr + chunk).slice(-2000)
    })
    return server
  }
  const halt = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGINT') // "fast" shutdown: connections are ended, not waited for
    await once(child, 'exit')
  }
  const stop = async () => {
    await halt()
    await rm(dir, { recursive: true, force: true })
  }
  const untilStarted = async () => {
    if (await waitUntil(() => query(url, 'select 1'), START_TIMEOUT_MS)) return
    await stop()
    throw new Error(`PostgreSQL did not start within ${START_TIMEOUT_MS} ms:\n${stderr}`)
  }
  await untilStarted()
  let databases = 0
  return {
    url,
    stop,
    halt,
    async resume() {
      child = spawnServer()
      await untilStarted()
    },
    async createDatabase() {
      const name = `test_${++databases}`
      await query(url, `create database ${name}`)
      return url.replace(/postgres$/, name)
    },
  }
}

async function findPrograms(): Promise<string> {
  const versions = await readdir(DEBIAN_VERSIONS).catch(() => [])
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0]
  const candidates = [newest && join(DEBIAN_VERSIONS, newest, 'bin'), ...(process.env.PATH ?? '').split(':')]
  for (const candidate of candidates) {
    if (!candidate) continue
    const found = await access(join(candidate, 'initdb')).then(
      () => true,
      () => false,
    )
    if (found) return candidate
  }
  throw new Error('The tests need PostgreSQL (Debian: apt install postgresql)')
}

type AsOwner = (program: string, ...args: string[]) => [command: string, args: string[]]

/** PostgreSQL refuses to run as root: root runs it as the system's user `postgres`. */
async function findOwner(dir: string): Promise<AsOwner> {
  if (process.getuid?.() !== 0) return (program, ...args) => [program, args]
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
  )
  await chown(dir, uid ?? 0, gid ?? 0)
  // setpriv replaces itself by the program, so that a signal to the child reaches PostgreSQL
  return (program, ...args) => [
    'setpriv',
    ['--reuid=postgres', '--regid=postgres', '--clear-groups', '--', program, ...args],
  ]
}

async function query(url: string, sql: string): Promise<boolean> {
  const client = new pg.Client(url)
  try {
    await client.connect()
    await client.query(sql)
    return true
  } finally {
    await client.end().catch(() => {})
  }
}
