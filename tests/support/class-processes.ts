import { Redis } from 'ioredis'
import { createFactArchive } from '../../db/facts'
import { migrate } from '../../db/migrate'
import { createPool, type Db } from '../../db/pool'
import type { Actor, Command, Envelope } from '../../server/classroom/commands'
import type { Role } from '../../server/classroom/people'
import { type ClassSettings, defaultSettings } from '../../server/classroom/settings'
import { newId } from '../../server/ids'
import {
  type ClassLogs,
  type ClassLogsDeps,
  createClassLogs,
  type FollowedClass,
} from '../../server/log/class-logs'
import type { Timing } from '../../server/log/timing'
import { connectRedis } from '../../server/redis/connect'
import { startPostgres } from './postgres'
import { startRedis, type TestRedis } from './redis'

/** The times of production are too long to wait for; their order is kept. */
export const quick: Partial<Timing> = {
  leaseMs: 800,
  renewMs: 200,
  pollMs: 300,
  caretakerMs: 300,
  passTimeoutMs: 400,
  followerPatienceMs: 400,
  strangerPatienceMs: 900,
  scribeLingerMs: 10,
  scribeRetryMs: 100,
  erasureMs: 300,
  startPatienceMs: 1000,
}

export const silent: ClassLogsDeps['logger'] = {
  debug() {},
  info() {},
  warn() {},
  error() {},
}

export type Stores = {
  redis: TestRedis
  /** A plain connection, to look and to break things. */
  raw: Redis
  db: Db
  databaseUrl: string
  /** One process of Amphi, as far as the log goes. */
  start(deps?: Partial<ClassLogsDeps>): Promise<ClassLogs>
  /** Ends all processes, so that they don't lead the classes of the next test. */
  endProcesses(): Promise<void>
  stop(): Promise<void>
}

export type StoresOptions = {
  /** PostgreSQL as an operator runs it, not as tests do. */
  durable?: boolean
  /** In the place of a PostgreSQL of its own; stopped with the stores. */
  database?: Service
  /** In the place of a Redis of its own, likewise; the stores know no port and no process of it then. */
  redis?: Service
}
type Service = { url: string; stop(): Promise<void> }

/** A real Redis and a real database with all tables; processes are closed with them. */
export async function startStores(
  redisArgs?: string[],
  { durable, database, redis: givenRedis }: StoresOptions = {},
): Promise<Stores> {
  const [redis, { url: databaseUrl, stop: stopDatabase }] = await Promise.all([
    givenRedis ? { ...noProcess, ...givenRedis } : startRedis(redisArgs),
    database ?? startDatabase({ durable }),
  ])
  const db = createPool(databaseUrl, () => {})
  await migrate(db)
  const raw = givenRedis ? connectRedis(redis.url, silent) : new Redis(redis.url)
  raw.on('error', () => {})
  const processes: ClassLogs[] = []
  const endProcesses = async () => {
    await Promise.all(processes.splice(0).map((logs) => logs.close()))
  }
  return {
    redis,
    raw,
    db,
    databaseUrl,
    async start(deps) {
      const logs = await createClassLogs({
        ...{ redisUrl: redis.url, archive: createFactArchive(db), logger: silent, newId },
        ...deps,
        timing: { ...quick, ...deps?.timing },
      })
      processes.push(logs)
      return logs
    },
    endProcesses,
    async stop() {
      await endProcesses()
      raw.disconnect()
      await db.end()
      await Promise.all([redis.stop(), stopDatabase()])
    },
  }
}

const noProcess = { port: 0, pid: 0, kill: async () => {}, restart: async () => {} }

async function startDatabase(options: { durable?: boolean }) {
  const cluster = await startPostgres(options)
  return { url: await cluster.createDatabase(), stop: cluster.stop }
}

let commands = 0
export function by(actor: Actor | string, command: Command, id = `cmd-${++commands}`): Envelope {
  return { id, by: typeof actor === 'string' ? { kind: 'person', personId: actor } : actor, command }
}
export const system: Actor = { kind: 'system' }

export function toRegister(personId: string, role: Role = 'student', language = 'en'): Envelope {
  return by(system, { name: 'person:register', personId, displayName: `Name of ${personId}`, role, language })
}

export async function createTestClass(
  logs: ClassLogs,
  settings: Partial<ClassSettings> = {},
): Promise<{ classId: string; followed: FollowedClass }> {
  const classId = newId('cls')
  const all = { ...defaultSettings, ...settings }
  const create = {
    name: 'class:create',
    orgId: 'org_default',
    title: 'Physics',
    code: classId,
    settings: all,
  } as const
  const outcome = await logs.create(classId, by(system, create))
  const followed = await logs.follow(classId)
  if (!outcome.ok || !followed) throw new Error(`No class: ${JSON.stringify(outcome)}`)
  return { classId, followed }
}

/** Everything a process sees of a class from now on. */
export function watch(followed: FollowedClass) {
  const seen = { seqs: [] as number[], epochs: [] as number[], leads: [] as boolean[], closed: '' }
  followed.listen((event) => {
    if (event.kind === 'batch') seen.seqs.push(...event.batch.facts.map((fact) => fact.seq))
    if (event.kind === 'epoch') seen.epochs.push(event.head.epoch)
    if (event.kind === 'lead') seen.leads.push(event.leading)
    if (event.kind === 'closed') seen.closed = event.reason
  })
  return seen
}
