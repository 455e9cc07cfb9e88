import type { ErrorBody } from '../../server/protocol/errors'
import { call, createTestClass, createTestPerson, startClass } from '../support/api'
import { eventually } from '../support/eventually'
import { type Entrance, Follower } from './follower'
import type { RunningServer } from './server-processes'

export type Person = { name: string; personId: string; devices: Follower[] }

const ROLES = {
  tea: 'teacher',
  ass: 'assistant',
  ana: 'student',
  ben: 'student',
  cem: 'student',
  dan: 'student',
  eva: 'student',
} as const
/** Two languages, so that there are three audiences, and who waits. */
const GERMAN = 'dan'
/** So few that they are fought for. */
const SETTINGS = { seats: 2, stageLimit: 2, languages: ['en', 'de'] }
const DEVICES = 2

/** A live class of seven people with two devices each; `open`: the servers they may come by. */
export async function createClassroom(
  open: () => RunningServer[],
): Promise<{ classId: string; people: Person[] }> {
  const server = open()[0]
  if (!server) throw new Error('no server is there')
  const school = await patiently(
    () => createTestClass(server, SETTINGS),
    ({ id }) => id !== undefined,
  )
  const people: Person[] = []
  for (const [name, role] of Object.entries(ROLES)) {
    const language = name === GERMAN ? 'de' : 'en'
    const { personId, token } = await patiently(
      () => createTestPerson(server, school, { name, role, language }),
      (person) => person.token !== undefined,
    )
    const devices = Array.from(
      { length: DEVICES },
      (_, i) => new Follower(`${name}${i + 1}`, () => enter(open(), school.id, token)),
    )
    people.push({ name, personId, devices })
  }
  await startClass(server, school)
  for (const { devices } of people) for (const device of devices) device.start()
  return { classId: school.id, people }
}

/** As PROTOCOL.md has it: a join before every connection, by whichever server is there. */
async function enter(
  servers: RunningServer[],
  classId: string,
  token: string,
): Promise<Entrance | ErrorBody | null> {
  const server = servers[Math.floor(Math.random() * servers.length)]
  if (!server) return null
  const answer = await call(server, 'POST', `/classes/${classId}/join`, { token, body: {} }).catch(() => null)
  if (!answer) return null
  if (answer.status === 200) {
    return { url: server.url, token: (answer.body.gateway as { token: string }).token }
  }
  const retryable = answer.status >= 409
  return { code: String(answer.body.code), message: answer.text, retryable }
}

/** The class before this one may have left the servers in the middle of a recovery. */
async function patiently<T>(make: () => Promise<T>, isMade: (made: T) => boolean): Promise<T> {
  let made: T | undefined
  await eventually('the server makes what it is asked for', async () => {
    made = await make()
    return isMade(made)
  })
  return made as T
}
