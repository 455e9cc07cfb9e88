import { ServerProcesses } from '../model/server-processes'
import { call, type TestClass } from '../support/api'
import { ADMIN_KEY, createServerEnvironment } from '../support/server'
import { type Auth, WireClient } from './wire-client'

export type Pupil = { personId: string; token: string }
export type School = {
  url: string
  newClass(settings?: object): Promise<ConformanceClass>
  close(): Promise<void>
}
export type ConformanceClass = TestClass & {
  enrol(name: string, role?: string, language?: string): Promise<Pupil>
  /** Step 1 of PROTOCOL.md, "Connecting". */
  join(pupil: Pupil): Promise<{ status: number; token: string; code: string }>
  auth(pupil: Pupil, more?: Auth): Promise<Auth>
  /** Joined, connected, and told who they are. */
  enter(pupil: Pupil, more?: Auth): Promise<WireClient>
}

/** The server that the suite is pointed at, else one of our own. */
export async function openSchool(): Promise<School> {
  const url = process.env.AMPHI_URL
  if (url) return toSchool(() => url, process.env.AMPHI_ADMIN_KEY ?? '')
  return openOwnSchool()
}

/** A school whose processes and stores the suite may break. */
export async function openOwnSchool(): Promise<
  School & { servers: ServerProcesses; redisUrl: string; databaseUrl: string }
> {
  const environment = await createServerEnvironment()
  const servers = new ServerProcesses(environment.env)
  await servers.start()
  const school = toSchool(() => servers.open[0]?.url ?? '', ADMIN_KEY)
  async function close() {
    await school.close()
    await servers.stop()
    await environment.stop()
  }
  return { ...school, close, servers, redisUrl: environment.redis.url, databaseUrl: environment.databaseUrl }
}

function toSchool(url: () => string, adminKey: string): School {
  const clients: WireClient[] = []
  return {
    async close() {
      for (const client of clients) client.cut()
    },
    get url() {
      return url()
    },
    async newClass(settings = {}) {
      const bySchool = async (path: string, body: object) =>
        (await call({ url: url() }, 'POST', path, { token: adminKey, body })).body
      const about = { title: 'Conformance', seats: 20, languages: ['en', 'de'], ...settings }
      const school = (await bySchool('/classes', about)) as TestClass
      const one: ConformanceClass = {
        ...school,
        enrol: async (name, role = 'student', language = 'en') =>
          (await bySchool(`/classes/${school.id}/people`, { name, role, language })) as Pupil,
        async join({ token }) {
          const { status, body } = await call({ url: url() }, 'POST', `/classes/${school.id}/join`, {
            token,
            body: {},
          })
          const gateway = body.gateway as { token: string } | undefined
          return { status, token: gateway?.token ?? '', code: String(body.code ?? '') }
        },
        auth: async (pupil, more) => ({ token: (await one.join(pupil)).token, protocol: 1, ...more }),
        async enter(pupil, more) {
          const client = new WireClient(url())
          clients.push(client)
          await client.enter(await one.auth(pupil, more))
          return client.until((c) => c.last('you') !== undefined)
        },
      }
      await bySchool(`/classes/${school.id}/start`, {})
      return one
    },
  }
}
