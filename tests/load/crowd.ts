import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFactArchive } from '../../db/facts'
import { createPool } from '../../db/pool'
import { defaultSettings } from '../../server/classroom/settings'
import { newId } from '../../server/ids'
import { type ClassLogs, createClassLogs } from '../../server/log/class-logs'
import { createTokens } from '../../server/people/tokens'
import { by, silent, system, toRegister } from '../support/class-processes'
import { createServerEnvironment, SECRET } from '../support/server'
import { type ServerProcess, startServerProcess } from './child'

/** Longer than any bench: the two minutes of a real token are for a handshake that follows at once. */
const TOKEN_MS = 60 * 60_000
/** Commands on the way at the same time. */
const AT_ONCE = 500
/** The first of a crowd: the load client sends from these. */
export const TEACHERS = 4

export type Crowd = {
  server: ServerProcess
  redisUrl: string
  /** For the load client: the `auth` of the teachers, then of the students. */
  authFile: string
  stop(): Promise<void>
}

/** The composed server on a real Redis and PostgreSQL, leading a live class of so many people who have joined. */
export async function startCrowd(people: number): Promise<Crowd> {
  const environment = await createServerEnvironment()
  const server = await startServerProcess('gateway-process.ts', environment.env)
  const dir = await mkdtemp(join(tmpdir(), 'amphi-load-'))
  const db = createPool(environment.databaseUrl, () => {})
  const logs = await createClassLogs({
    redisUrl: environment.redis.url,
    archive: createFactArchive(db),
    logger: silent,
    newId,
  })
  const classId = newId('cls')
  const personIds = Array.from({ length: people }, () => newId('per'))
  await fillClass(logs, classId, personIds)
  // Hands the lease over: from here on the server under test leads.
  await logs.close()
  await db.end()
  const authFile = join(dir, 'auths')
  await writeFile(authFile, (await toAuths(classId, personIds)).join('\n'))
  return {
    server,
    redisUrl: environment.redis.url,
    authFile,
    async stop() {
      await server.stop()
      await environment.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function fillClass(logs: ClassLogs, classId: string, personIds: string[]): Promise<void> {
  const create = {
    name: 'class:create',
    orgId: 'org_default',
    title: 'Physics',
    code: classId,
    settings: defaultSettings,
  } as const
  await logs.create(classId, by(system, create))
  let next = 0
  const enterOneByOne = async () => {
    for (let i = next++; i < personIds.length; i = next++) {
      const personId = personIds[i] ?? ''
      await logs.submit(classId, toRegister(personId, i < TEACHERS ? 'teacher' : 'student'))
      await logs.submit(classId, by(personId, { name: 'person:join' }))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, enterOneByOne))
  const started = await logs.submit(classId, by(personIds[0] ?? '', { name: 'class:start' }))
  if (!started.ok) throw new Error(`The class could not be started: ${JSON.stringify(started)}`)
}

function toAuths(classId: string, personIds: string[]): Promise<string[]> {
  const tokens = createTokens([SECRET], Date.now)
  return Promise.all(
    personIds.map(async (sub, i) => {
      const role = i < TEACHERS ? 'teacher' : 'student'
      const token = await tokens.signGateway({ cls: classId, sub, role, ver: 0 }, TOKEN_MS)
      return JSON.stringify({ token, protocol: 1 })
    }),
  )
}
